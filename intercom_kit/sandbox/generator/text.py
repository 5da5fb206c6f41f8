"""The texts that customers, teammates and the AI agent write, by topic."""

from dataclasses import dataclass
from functools import cache

from intercom_kit.sandbox.generator.seeded import Dice


@dataclass(frozen=True)
class Topic:
    """One kind of question: its texts, its tag and the team it is routed to."""

    name: str
    tag: str
    team: str
    weight: float
    openings: tuple[str, ...]
    subjects: tuple[str, ...]  # values of `{thing}`
    answers: tuple[str, ...]
    article: str


TOPICS = (
    Topic(
        "Billing",
        "billing",
        "Billing",
        0.19,
        (
            "I was charged twice for {thing} this month, could you refund one of them?",
            "Can we switch {thing} from monthly to annual billing?",
            "The invoice for {thing} has the wrong VAT number on it.",
            "We need a refund for {thing}, we cancelled before the renewal date.",
            "Where do I change the card we pay {thing} with?",
        ),
        ("our subscription", "the extra seats", "the Growth plan", "the add-on", "our second workspace"),
        (
            "I have refunded {thing}; the money is back within 5 working days.",
            "I changed {thing} for you and sent a corrected invoice to the account owner.",
            "You can do this under Settings &gt; Billing. I have also noted it on {thing}.",
        ),
        "How billing and refunds work",
    ),
    Topic(
        "Login",
        "login",
        "Support",
        0.16,
        (
            "I cannot log in with {thing}, it keeps sending me back to the start page.",
            "My colleague never received {thing}. Can you resend it?",
            "How do I reset {thing}? I got a new phone.",
            "We are locked out because of {thing}. Please help, we have a deadline today.",
        ),
        ("single sign-on", "the invitation email", "two-factor authentication", "my password", "Google login"),
        (
            "I have reset {thing} on your account, please try once more in a private window.",
            "A fresh link for {thing} is on its way. It stays valid for one hour.",
        ),
        "Fix problems signing in",
    ),
    Topic(
        "Integrations",
        "integration",
        "Technical",
        0.17,
        (
            "{thing} stopped syncing since yesterday evening.",
            "Does the API support filtering on {thing}? We get a 422 back.",
            "I need support with {thing}: the records arrive twice.",
            "How often does {thing} refresh? The numbers look a day old.",
        ),
        ("the Salesforce connector", "the Slack app", "our webhook", "the REST API", "the BigQuery export"),
        (
            "I re-authorised {thing} from our side and the backlog is being processed now.",
            "There is a small mapping error in {thing}; I attached the field list that works.",
            "{thing} refreshes every 15 minutes. The delay you saw came from a failed run.",
        ),
        "Set up an integration",
    ),
    Topic(
        "Reporting",
        "reporting",
        "Support",
        0.15,
        (
            "The totals in {thing} do not match what I export to CSV.",
            "Is there a way to schedule {thing} every Monday?",
            "Why does {thing} show nothing for last week?",
            "Can I share {thing} with someone who has no seat?",
        ),
        ("the revenue dashboard", "the funnel report", "the weekly digest", "my saved view", "the cohort chart"),
        (
            "{thing} uses your workspace timezone while the CSV is in UTC, hence the difference.",
            "Open {thing}, choose Share and tick Schedule. I added a screenshot.",
        ),
        "Understand your reports",
    ),
    Topic(
        "Bug",
        "bug",
        "Technical",
        0.13,
        (
            "When I click save in {thing} I get a blank page. Firefox & Chrome alike.",
            "{thing} shows an error 500 for everyone on our team.",
            "The text overlaps in {thing} since the last release.",
            "{thing} is really slow today, 30 seconds to load.",
        ),
        ("the editor", "the mobile app", "the settings page", "bulk import", "the search bar"),
        (
            "Thanks for reporting this. Our engineers found the cause in {thing} and a fix ships today.",
            "I could reproduce it in {thing}. As a workaround, please reload with Ctrl+Shift+R.",
        ),
        "Known issues",
    ),
    Topic(
        "Onboarding",
        "onboarding",
        "Onboarding",
        0.12,
        (
            "We just signed up. What is the best way to set up {thing}?",
            "Do you offer training about {thing} for new admins?",
            "Could someone walk us through {thing} before Friday?",
        ),
        ("user roles", "data import", "our first project", "custom fields", "automations"),
        (
            "Happy to help! Here is our guide to {thing}; shall we also book a 20-minute call?",
            "I prepared a template for {thing} in your workspace, you only have to press Publish.",
        ),
        "Getting started",
    ),
    Topic(
        "Feature request",
        "feature request",
        "Success",
        0.08,
        (
            "It would be great if {thing} worked on tablets too.",
            "Any plans for {thing}? We would upgrade for that.",
            "Please add {thing}, our auditors ask for it.",
        ),
        ("dark mode", "audit logs", "a German interface", "row-level permissions", "an offline mode"),
        (
            "I added your vote for {thing}; the product team reviews these every month.",
            "{thing} is on our roadmap for next quarter. I will keep you posted.",
        ),
        "Product roadmap",
    ),
)

OUTAGE = Topic(
    "Outage",
    "incident",
    "Technical",
    0.0,
    (
        "Is {thing} down? Nothing loads for us.",
        "We get a 503 on {thing} since a few minutes, our whole team is blocked.",
        "Please tell us what is going on with {thing}!",
    ),
    ("the dashboard", "the API", "login", "the whole application"),
    (
        "We are aware of a problem with {thing} and are working on it. See status page for updates.",
        "{thing} has recovered. I am sorry for the disruption, a post-mortem will follow.",
    ),
    "Service status",
)

GREETINGS = ("Hi, ", "Hello team, ", "Hey there! ", "", "Good morning, ", "Hi 👋 ")
CLOSINGS = ("", " Thanks!", " Thank you in advance.", " Cheers", " Kind regards")
FOLLOW_UPS = (
    "Thanks, I will try that and come back to you.",
    "Unfortunately that did not change anything.",
    "Could you have another look? It is the same on my colleague's computer.",
    "Great, that works now!",
    "When do you expect this to be solved?",
    "Here is a screenshot of what I see.",
)
REOPENINGS = (
    "Hi again, the same problem is back this morning.",
    "Sorry to reopen this, but I have one more question.",
    "It worked for a day and now it fails again.",
)
NOTES = (
    "Checked with engineering, they confirm the cause.",
    "Customer is on a trial until Friday, please handle with care.",
    "Asked billing for the credit note.",
)
ESCALATIONS = ("I want to talk to a person please.", "That is not what I asked. Can a human help?")
CONFIRMATIONS = ("Yes, that solved it. Thanks!", "Perfect, exactly what I needed.")
OUTBOUND = (
    "We noticed you have not finished your setup. Can we help with {thing}?",
    "New this week: {thing}. Would you like a short tour?",
    "Your trial ends in three days. Reply here if you want to keep {thing}.",
)
REMARKS = {
    1: ("Waited far too long.", "Still not solved."),
    2: ("Slow answer.", "Had to explain everything twice."),
    3: ("OK in the end.",),
    4: ("Helpful, thanks.", "Good support."),
    5: ("Fast and friendly!", "Excellent, solved in minutes 🎉"),
}


def article_url(topic: Topic) -> str:
    """Return the address of the article that Fin answers from."""
    return f"https://help.northwind.example/{topic.tag.replace(' ', '-')}"


@cache
def paragraph(text: str) -> str:
    """Wrap plain text in Intercom's paragraph markup (cached: equal bodies share one string)."""
    return f"<p>{text.replace(' & ', ' &amp; ')}</p>"


def fill_in(template: str, thing: str) -> str:
    text = template.replace("{thing}", thing)
    return text[:1].upper() + text[1:]


def opening(dice: Dice, topic: Topic, thing: str) -> str:
    body = fill_in(dice.pick(topic.openings), thing)
    return paragraph(dice.pick(GREETINGS) + body + dice.pick(CLOSINGS))


def answer(dice: Dice, topic: Topic, thing: str) -> str:
    return paragraph(fill_in(dice.pick(topic.answers), thing))


def fin_answer(topic: Topic, thing: str) -> str:
    """Return the AI agent's answer, which quotes one help article."""
    text = f"From our article <a href='https://help.northwind.example/{topic.tag.replace(' ', '-')}'>"
    return paragraph(f"{text}{topic.article}</a>: {fill_in(topic.answers[-1], thing)} Did that answer your question?")


def outbound(dice: Dice, thing: str) -> str:
    return paragraph(fill_in(dice.pick(OUTBOUND), thing))
