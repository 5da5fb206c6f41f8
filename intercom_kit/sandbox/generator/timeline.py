"""Generation of conversations, part by part, until they end or reach the present."""

from intercom_kit.sandbox.generator import text
from intercom_kit.sandbox.generator.conversation import FIN, Author, Conversation, FinRun, Part, Rating
from intercom_kit.sandbox.generator.office_hours import OfficeHours
from intercom_kit.sandbox.generator.organisation import Admin, Organisation
from intercom_kit.sandbox.generator.people.customers import Person
from intercom_kit.sandbox.generator.rhythm import Incident
from intercom_kit.sandbox.generator.seeded import Dice
from intercom_kit.sandbox.generator.statistics import summarise
from intercom_kit.sandbox.generator.text import OUTAGE, TOPICS, Topic

MINUTE, HOUR, DAY = 60, 3600, 86_400
CHANNELS = (
    ("conversation",) * 62
    + ("email",) * 25
    + ("whatsapp",) * 5
    + ("phone_call",) * 3
    + ("facebook", "instagram", "sms")
)
# SLA by plan: name, and the target in office seconds.
SLAS = {"Enterprise": ("Enterprise first reply", HOUR), "Growth": ("Growth first reply", 4 * HOUR)}
TOPIC_WHEEL = tuple(topic for topic in TOPICS for _ in range(round(topic.weight * 100)))


class PresentReached(Exception):  # noqa: N818  (not an error: the conversation is still in progress)
    """The signal that the next part of a conversation would be in the future."""


class ConversationMaker:
    """A generator of conversations, which share dice, office hours and organisation."""

    def __init__(
        self,
        dice: Dice,
        hours: OfficeHours,
        organisation: Organisation,
        incidents: list[Incident],
        start: int,
        now: int,
    ) -> None:
        self._dice = dice
        self._hours = hours
        self._organisation = organisation
        self._incidents = incidents
        self._fin_launched = start + (now - start) // 3
        self._now = now
        self._at = 0
        self._conversation: Conversation

    def generate(self, number: int, at: int, person: Person, *, rounds: int | None = None) -> Conversation:
        """Generate the conversation that starts at `at`; `rounds` sets the number of questions and answers."""
        self._at = at
        self._conversation = conversation = self._open(number, at, person, plain=rounds is not None)
        try:
            if conversation.delivered_as == "customer_initiated" or self._customer_replies_to_outbound():
                self._handle(rounds)
            else:
                self._close_unanswered()
        except PresentReached:
            pass
        self._finish()
        return conversation

    def _open(self, number: int, at: int, person: Person, *, plain: bool) -> Conversation:
        dice = self._dice
        incident = next((i for i in self._incidents if i.start <= at < i.end), None)
        topic = OUTAGE if incident and dice.chance(0.75) else dice.pick(TOPIC_WHEEL)
        thing = dice.pick(topic.subjects)
        outbound = topic is not OUTAGE and not plain and dice.chance(0.14)
        delivered = dice.pick(("automated", "automated", "admin_initiated", "operator_initiated"))
        opened_by: Author = person if not outbound else FIN
        if outbound and delivered == "admin_initiated":
            opened_by = dice.pick(self._organisation.admins).id
        channel = "whatsapp" if plain else dice.pick(CHANNELS)  # where Fin does not answer first
        conversation = Conversation(
            id=str(215_470_000_000_000 + number * 37 + 11),
            created_at=at,
            person=person,
            topic=topic,
            thing=thing,
            channel=channel,
            delivered_as=delivered if outbound else "customer_initiated",
            opened_by=opened_by,
            source_body=text.outbound(dice, thing) if outbound else text.opening(dice, topic, thing),
            subject=f"Question about {thing}" if channel == "email" else "",
            waiting_since=None if outbound else at,
            others=self._colleagues(person, at),
        )
        if incident and topic is OUTAGE and dice.chance(0.9):
            conversation.tags.append(incident.tag)
        conversation.priority = self._priority(person, topic)
        if outbound and dice.chance(0.03):
            conversation.delivered_as = None  # recorded: conversations made through the API have a null source
        return conversation

    def _colleagues(self, person: Person, at: int) -> tuple[Person, ...]:
        """Return a colleague as a further participant, in a few conversations."""
        if not person.companies or not self._dice.chance(0.03):
            return ()
        colleague = self._dice.pick(person.companies[0].people)
        return (colleague,) if colleague is not person and colleague.created_at <= at else ()

    def _priority(self, person: Person, topic: Topic) -> str:
        plan = person.companies[0].plan if person.companies else "Free"
        roll = self._dice.random()
        if topic is OUTAGE:
            return "urgent" if roll < 0.4 else "high"
        if plan == "Enterprise":
            return "high" if roll < 0.35 else "medium" if roll < 0.5 else "none"
        return "low" if roll < 0.05 else "none"

    def _handle(self, rounds: int | None) -> None:
        dice, conversation = self._dice, self._conversation
        by_customer = conversation.delivered_as == "customer_initiated"
        fin_answers = by_customer and conversation.channel in ("conversation", "email")
        if fin_answers and conversation.created_at >= self._fin_launched and dice.chance(0.6) and self._fin_resolves():
            return
        admin = self._route()
        self._reply(admin)
        for _ in range(self._rounds() if rounds is None else rounds):
            wait = 40 * MINUTE if rounds is None else MINUTE
            self._add_message(dice.pick(text.FOLLOW_UPS), dice.delay(wait))
            self._reply(admin, 20 * MINUTE if rounds is None else MINUTE)
        if dice.chance(0.08):
            self._snooze(admin)
        if dice.chance(0.985):  # the rest stays open: a backlog
            self._close(admin)
            self._rate(admin)
            while dice.chance(0.11):
                self._reopen(admin)

    def _rounds(self) -> int:
        rounds = 0
        while rounds < 6 and self._dice.chance(0.48):
            rounds += 1
        return rounds

    def _add(self, part_type: str, author: Author, seconds: int, body: str | None = None, **more: object) -> None:
        """Add a part after some seconds of calendar time."""
        at = self._at + seconds
        if at > self._now:
            raise PresentReached
        self._at = at
        self._conversation.parts.append(Part(at, part_type, author, body, **more))  # type: ignore[arg-type]

    def _office_wait(self, seconds: int) -> int:
        """Return a wait in office time as calendar time; sometimes somebody works late."""
        if self._dice.chance(0.06):
            return seconds
        return self._hours.after(self._at, seconds) - self._at

    def _customer_replies_to_outbound(self) -> bool:
        if not self._dice.chance(0.35):
            return False
        self._add_message("Yes please, tell me more.", self._dice.delay(5 * HOUR))
        return True

    def _add_message(self, message: str, wait: int, part_type: str = "comment") -> None:
        self._add(part_type, self._conversation.person, wait, text.paragraph(message))
        self._conversation.waiting_since = self._conversation.waiting_since or self._at
        self._conversation.state = "open"

    def _close_unanswered(self) -> None:
        self._add("close", FIN, 3 * DAY)
        self._conversation.state = "closed"

    def _fin_resolves(self) -> bool:
        dice, conversation = self._dice, self._conversation
        answer = text.fin_answer(conversation.topic, conversation.thing)
        self._add("comment", FIN, dice.whole(8, 50), answer, ai_answer=True)
        conversation.fin = FinRun(self._at, self._at, conversation.topic.article)
        roll = 1.0 if conversation.topic is OUTAGE else dice.random()
        if roll < 0.2:
            self._add_message(dice.pick(text.CONFIRMATIONS), dice.delay(4 * MINUTE))
            self._end_fin("confirmed_resolution", close_after=5)
            return True
        if roll < 0.5:
            self._end_fin("assumed_resolution", close_after=DAY)
            return True
        self._add_message(dice.pick(text.ESCALATIONS), dice.delay(5 * MINUTE))
        state = "negative_feedback" if roll < 0.56 else "procedure_handoff" if roll < 0.6 else "escalated"
        self._end_fin(state, close_after=None)
        return False

    def _end_fin(self, resolution_state: str, close_after: int | None) -> None:
        if close_after is not None:
            self._add("close", FIN, close_after)
            self._conversation.state, self._conversation.waiting_since = "closed", None
        if self._conversation.fin:
            self._conversation.fin.resolution_state = resolution_state
            self._conversation.fin.updated_at = self._at

    def _route(self) -> Admin:
        """Assign it to the topic's team (sometimes to a wrong team first), then to a teammate; return the teammate."""
        dice, organisation, conversation = self._dice, self._organisation, self._conversation
        team = organisation.team_ids[conversation.topic.team]
        wrong = organisation.team_ids["Support"]
        for team_id in (wrong, team) if team != wrong and dice.chance(0.12) else (team,):
            reassigned = conversation.team_assignee_id
            wait = self._office_wait(dice.delay(25 * MINUTE)) if reassigned else dice.whole(2, 9)
            self._add("assignment", FIN, wait, to_team=team_id)
            conversation.team_assignee_id = team_id
        self._apply_sla()
        admin = dice.pick(organisation.members(team))
        self._add("assignment", FIN, self._office_wait(dice.delay(5 * MINUTE)), to_admin=admin.id)
        conversation.admin_assignee_id, conversation.read = admin.id, True
        if dice.chance(0.15):
            self._add("note", admin.id, dice.delay(2 * MINUTE), text.paragraph(dice.pick(text.NOTES)))
        if conversation.topic is not OUTAGE and dice.chance(0.55):
            self._add("conversation_tags_updated", admin.id, dice.whole(5, 90), tag=conversation.topic.tag)
            conversation.tags.append(conversation.topic.tag)
        return admin

    def _apply_sla(self) -> None:
        conversation = self._conversation
        companies = conversation.person.companies
        plan = companies[0].plan if companies else None
        if plan in SLAS and self._dice.chance(0.9):
            conversation.sla_name, conversation.sla_status = SLAS[plan][0], "active"
            self._add("conversation_sla_applied_by_rule", FIN, 1)

    def _reply(self, admin: Admin, typical: int = 22 * MINUTE) -> None:
        dice, conversation = self._dice, self._conversation
        slow = 3.5 if conversation.topic is OUTAGE else 1.0
        wait = self._office_wait(dice.delay(typical * admin.pace * slow)) if typical > MINUTE else dice.whole(20, 90)
        self._add("comment", admin.id, wait, text.answer(dice, conversation.topic, conversation.thing))
        conversation.waiting_since = None

    def _snooze(self, admin: Admin) -> None:
        wake = self._at + self._dice.whole(2, 14) * DAY
        self._add("snoozed", admin.id, self._dice.whole(5, 60))
        self._conversation.state, self._conversation.snoozed_until = "snoozed", wake
        self._add("timer_unsnooze", FIN, wake - self._at)
        self._conversation.state, self._conversation.snoozed_until = "open", None

    def _close(self, admin: Admin) -> None:
        automatic = self._dice.chance(0.2)  # an automation closes it after three days without messages
        wait = 3 * DAY if automatic else self._office_wait(self._dice.delay(50 * MINUTE, 1.2))
        self._add("close", FIN if automatic else admin.id, wait)
        self._conversation.state, self._conversation.waiting_since = "closed", None

    def _reopen(self, admin: Admin) -> None:
        self._add_message(self._dice.pick(text.REOPENINGS), self._dice.delay(20 * HOUR), "open")
        self._reply(admin)
        self._close(admin)

    def _rate(self, admin: Admin) -> None:
        """Request a rating after the conversation was closed; slow answers are rated lower."""
        dice, conversation = self._dice, self._conversation
        if conversation.channel == "phone_call" or not dice.chance(0.22 if conversation.topic is not OUTAGE else 0.35):
            return
        requested = self._at
        first_reply = next(part.at for part in conversation.parts if part.part_type == "comment" and part.by_admin)
        waited = self._hours.between(conversation.created_at, first_reply)
        mood = 4.8 - min(2.4, waited / (1.5 * HOUR)) - (0.8 if conversation.topic is OUTAGE else 0) + dice.gauss(0, 0.8)
        score = max(1, min(5, round(mood)))
        self._add("conversation_rating_changed", conversation.person, dice.delay(30 * MINUTE))
        remark = dice.pick(text.REMARKS[score]) if dice.chance(0.4) else None
        conversation.rating = Rating(score, remark, requested, self._at, admin.id)

    def _finish(self) -> None:
        conversation = self._conversation
        conversation.statistics = statistics = summarise(conversation, self._hours)
        if conversation.sla_name:
            conversation.sla_status = self._sla_status(conversation)
        person = conversation.person
        advance(person, "last_replied_at", statistics.last_contact_reply_at)
        contacted = conversation.created_at if conversation.opened_by is not person else None
        advance(person, "last_contacted_at", statistics.last_admin_reply_at or contacted)
        if conversation.channel == "conversation":
            advance(person, "last_seen_at", statistics.last_contact_reply_at)
        if statistics.first_contact_reply_at is None and self._dice.chance(0.04):
            conversation.statistics = None  # recorded: the whole object may be null

    def _sla_status(self, conversation: Conversation) -> str:
        target = next(seconds for name, seconds in SLAS.values() if name == conversation.sla_name)
        statistics = conversation.statistics
        if statistics is None or statistics.first_contact_reply_at is None:
            return "active"
        waited = statistics.time_to_admin_reply
        if waited is None:
            waited = self._hours.between(statistics.first_contact_reply_at, self._now)
            return "missed" if waited > target else "active"
        return "hit" if waited <= target else "missed"


def advance(person: Person, attribute: str, moment: int | None) -> None:
    if moment is not None and moment > (getattr(person, attribute) or 0):
        setattr(person, attribute, moment)
