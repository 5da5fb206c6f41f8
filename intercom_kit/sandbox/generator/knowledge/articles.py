"""Articles of the help center: one that Fin answers from for each topic, and guides that it does not use."""

from collections import Counter
from collections.abc import Iterable

from intercom_kit.sandbox.contents.record import Record
from intercom_kit.sandbox.generator.conversation import Conversation
from intercom_kit.sandbox.generator.organisation import WORKSPACE_ID, Organisation
from intercom_kit.sandbox.generator.seeded import Dice, dice_for
from intercom_kit.sandbox.generator.text import OUTAGE, TOPICS, Topic, article_url

FIRST_ARTICLE, FIRST_COLLECTION = 9_100_001, 3_300_001
HELP_CENTER = 77_001
DRAFTS = 0.15
RESOLVED = ("confirmed_resolution", "assumed_resolution")
DAY = 86_400
EVERY_TOPIC = (*TOPICS, OUTAGE)


def article_records(seed: int, organisation: Organisation, now: int) -> list[Record]:
    """Return the articles; drafts have no address."""
    dice = dice_for(seed, "articles")
    records: list[Record] = []
    for place, topic in enumerate(EVERY_TOPIC):
        titles = [topic.article, *(f"More about {thing}" for thing in topic.subjects)]
        for title in titles:
            draft = title != topic.article and dice.chance(DRAFTS)
            number = FIRST_ARTICLE + len(records)
            records.append(_article(dice, organisation, now, number, title, topic, place, draft=draft))
    return records


def _article(
    dice: Dice,
    organisation: Organisation,
    now: int,
    number: int,
    title: str,
    topic: Topic,
    place: int,
    *,
    draft: bool,
) -> Record:
    age = now - organisation.founded
    created = organisation.founded + int(age * dice.random() * 0.8)
    updated = created + int((now - created) * dice.random())
    author = dice.pick(organisation.admins).id
    guide = topic.answers[0].replace("{thing}", "it")
    own_address = f"https://help.northwind.example/en/articles/{number}"
    return {
        "type": "article",
        "id": str(number),
        "workspace_id": WORKSPACE_ID,
        "parent_ids": [FIRST_COLLECTION + place],
        "title": title,
        "description": f"For questions about {topic.name.lower()}",
        "body": f"<p>{guide}</p>",
        "body_markdown": guide,
        "author_id": author,
        "state": "draft" if draft else "published",
        "created_at": created,
        "updated_at": updated,
        "has_unpublished_changes": draft,
        "draft_updated_at": updated if draft else None,
        "url": None if draft else article_url(topic) if title == topic.article else own_address,
        "ai_chatbot_availability": not draft,
        "ai_copilot_availability": True,
        "ai_sales_agent_availability": False,
        "created_by_id": author,
        "updated_by_id": author,
        "exclude_from_article_suggestions": False,
        "help_center_audience": "everyone",
        "scheduled_publish_at": None,
        "scheduled_unpublish_at": None,
        "default_locale": "en",
        "translated_content": None,
        "tags": {"type": "tag.list", "tags": []},
    }


def article_statistics(seed: int, articles: list[Record], conversations: Iterable[Conversation]) -> dict[str, Record]:
    """Return each article's statistics: Fin's are counted from the conversations, views grow with them."""
    used: Counter[str] = Counter()
    resolved: Counter[str] = Counter()
    for conversation in conversations:
        if conversation.fin is not None:
            used[conversation.fin.article] += 1
            resolved[conversation.fin.article] += conversation.fin.resolution_state in RESOLVED
    return {
        article["id"]: _statistics(
            dice_for(seed, "article", article["id"]), used[article["title"]], resolved[article["title"]], article
        )
        for article in articles
    }


def _statistics(dice: Dice, used: int, resolved: int, article: Record) -> Record:
    views = 0 if article["state"] == "draft" else dice.delay(60, 1.2) + 3 * used
    reactions = int(views * dice.random() * 0.2)
    happy = int(reactions * dice.uniform(0.4, 0.9))
    neutral = int((reactions - happy) * 0.4)
    return {
        "type": "article_statistics",
        "views": views,
        "conversations": int(views * dice.random() * 0.1),
        "reactions": reactions,
        "happy_reaction_percentage": _percentage(happy, reactions),
        "neutral_reaction_percentage": _percentage(neutral, reactions),
        "sad_reaction_percentage": _percentage(reactions - happy - neutral, reactions),
        "fin_involvements": used,
        "fin_resolutions": resolved,
        "fin_resolution_rate": _percentage(resolved, used),
    }


def _percentage(part: int, whole: int) -> float:
    return round(100 * part / whole, 2) if whole else 0.0


def collection_records(founded: int) -> list[Record]:
    """Return a collection for each topic, one within another, and an empty one."""
    names = [topic.name for topic in EVERY_TOPIC]
    parents = [None] * (len(names) - 1) + [str(FIRST_COLLECTION)]
    return [
        {
            "id": str(FIRST_COLLECTION + number),
            "workspace_id": WORKSPACE_ID,
            "name": name,
            "description": None,
            "url": f"https://help.northwind.example/en/collections/{FIRST_COLLECTION + number}",
            "icon": "book-bookmark",
            "order": number,
            "created_at": founded,
            "updated_at": founded + number * DAY,
            "parent_id": parent,
            "help_center_id": HELP_CENTER if parent is None else None,
            "default_locale": "en",
            "translated_content": None,
        }
        for number, (name, parent) in enumerate(zip([*names, "Coming soon"], [*parents, None], strict=True))
    ]


def help_center_records(founded: int) -> list[Record]:
    return [
        {
            "id": str(HELP_CENTER),
            "workspace_id": WORKSPACE_ID,
            "identifier": "northwind",
            "display_name": "Northwind Help",
            "website_turned_on": True,
            "url": "https://help.northwind.example",
            "custom_domain": None,
            "default": True,
            "locales": ["en"],
            "created_at": founded,
            "updated_at": founded,
        }
    ]
