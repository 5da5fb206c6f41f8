"""Generation of tickets, part by part, until they end or reach the present."""

from collections.abc import Callable, Sequence

from intercom_kit.sandbox.generator import text
from intercom_kit.sandbox.generator.conversation import FIN, Conversation
from intercom_kit.sandbox.generator.organisation import Admin
from intercom_kit.sandbox.generator.people.customers import Person
from intercom_kit.sandbox.generator.statistics import summarise
from intercom_kit.sandbox.generator.tickets import catalogue
from intercom_kit.sandbox.generator.tickets.catalogue import BUG, INCIDENT, OLD, REFUND, REVIEW, State, TicketType
from intercom_kit.sandbox.generator.tickets.ticket import Ticket
from intercom_kit.sandbox.generator.tickets.values import attribute_values, conversation_values
from intercom_kit.sandbox.generator.timeline import DAY, HOUR, MINUTE, ConversationMaker, PresentReached, advance

FIRST_NUMBER = 1_001
WHEEL = (BUG,) * 9 + (REFUND,) * 6 + (REVIEW,) * 4 + (INCIDENT,)
TICKETS_OF_THE_OLD_FORM = 12  # one in so many of the first half
LONG_ROUNDS = 320  # each a question and an answer: more parts than the 500 that Intercom returns


class TicketMaker(ConversationMaker):
    """A generator of tickets, with dice of its own, so that the other conversations do not depend on them."""

    def generate_ticket(self, number: int, at: int, person: Person, type_: TicketType, rounds: int = 0) -> Conversation:
        """Generate the ticket that begins at `at`, about one customer; `rounds` adds questions and answers."""
        self._at = at
        self._conversation = conversation = self._open(number, at, person, plain=True)
        conversation.id = str(int(conversation.id) + 18)  # between those of other conversations
        conversation.channel = self._dice.pick(("conversation", "conversation", "email"))
        self._ticket = conversation.ticket = self._begin(number, type_, person, at)
        if not self._ticket.by_customer:
            self._open_inside(conversation)
        try:
            self._first_state()
            self._work(self._route(), rounds)
        except PresentReached:
            pass
        self._finish()
        return conversation

    def type_at(self, at: int, start: int, now: int) -> TicketType:
        """Return a ticket type, by weight; the archived one only in the first half of the history."""
        if at < (start + now) // 2 and self._dice.chance(1 / TICKETS_OF_THE_OLD_FORM):
            return OLD
        return self._dice.pick(WHEEL)

    def _begin(self, number: int, type_: TicketType, person: Person, at: int) -> Ticket:
        dice, conversation = self._dice, self._conversation
        company = person.companies[0].id if person.companies and dice.chance(0.8) else None
        shared = type_.category == "Customer" or (type_ is REVIEW and dice.chance(0.3))
        ticket = Ticket(FIRST_NUMBER + number, type_, shared, company)
        ticket.attributes = attribute_values(dice, type_, conversation, at)
        ticket.conversation_attributes = conversation_values(dice, at)
        return ticket

    def _open_inside(self, conversation: Conversation) -> None:
        """Let a teammate open it: back-office and tracker tickets have no customer."""
        conversation.opened_by = self._dice.pick(self._organisation.admins).id
        conversation.delivered_as = "admin_initiated"
        conversation.waiting_since, conversation.others = None, ()

    def _first_state(self) -> None:
        self._add("ticket_state_updated_by_admin", FIN, 1)
        category = self._ticket.state.category
        self._ticket.state_changes[0] = (category, category)  # recorded: submitted to submitted
        if self._ticket.type is REVIEW:
            self._add("entity_linked", self._conversation.opened_by, 1)

    def _change_state(self, state: State, author: int, seconds: int, by: str = "admin") -> None:
        ticket = self._ticket
        self._add(f"ticket_state_updated_by_{by}", author, seconds)
        ticket.state_changes[len(self._conversation.parts) - 1] = (ticket.state.category, state.category)
        ticket.previous_state, ticket.state = ticket.state, state

    def _change_attribute(self, admin: Admin) -> None:
        """Change the first attribute that is a list, if the type has one."""
        attribute = next((each for each in self._ticket.type.attributes if each.options), None)
        if attribute is None:
            return
        value = self._dice.pick(attribute.options)
        self._add("ticket_attribute_updated_by_admin", admin.id, self._dice.whole(5, 300))
        self._ticket.attribute_changes[len(self._conversation.parts) - 1] = (attribute, value)
        self._ticket.attributes[attribute.name] = value

    def _work(self, admin: Admin, rounds: int) -> None:
        dice, ticket = self._dice, self._ticket
        for _ in range(rounds):
            self._add_message(dice.pick(text.FOLLOW_UPS), dice.delay(MINUTE))
            self._reply(admin, MINUTE)
        if dice.chance(0.06):
            return  # nobody has begun
        self._change_state(catalogue.IN_PROGRESS, admin.id, self._office_wait(dice.delay(40 * MINUTE)))
        if dice.chance(0.35):
            self._change_attribute(admin)
        for _ in range(1 + self._rounds()):
            if not (self._ask_customer(admin) if ticket.by_customer else self._investigate(admin)):
                return
        if dice.chance(0.92):  # the rest is a backlog
            self._resolve(admin)
            while dice.chance(0.12):
                self._return(admin)

    def _ask_customer(self, admin: Admin) -> bool:
        """Answer the customer, and often wait for them; return False when nothing follows."""
        dice = self._dice
        self._reply(admin)
        if dice.chance(0.15):
            self._change_state(catalogue.TIER_2, admin.id, dice.whole(60, 900))
        if not dice.chance(0.6):
            return True
        self._change_state(catalogue.WAITING, admin.id, dice.whole(2, 40))
        if dice.chance(0.12):  # the customer never replies
            if dice.chance(0.7):
                self._change_state(catalogue.RESOLVED, FIN, 7 * DAY, by="workflow")
                self._add("close", FIN, 1)
                self._conversation.state = "closed"
            return False
        self._add_message(dice.pick(text.FOLLOW_UPS), dice.delay(5 * HOUR))
        self._change_state(catalogue.IN_PROGRESS, FIN, dice.whole(1, 3))
        return True

    def _investigate(self, admin: Admin) -> bool:
        wait = self._office_wait(self._dice.delay(3 * HOUR))
        self._add("note", admin.id, wait, text.paragraph(self._dice.pick(text.NOTES)))
        return True

    def _resolve(self, admin: Admin) -> None:
        dice = self._dice
        state = catalogue.WILL_NOT_FIX if dice.chance(0.1) else catalogue.RESOLVED
        self._change_state(state, admin.id, self._office_wait(dice.delay(4 * HOUR, 1.2)))
        if dice.chance(0.85):  # a resolved ticket may stay open in the Inbox
            self._add("close", admin.id, dice.whole(2, 60))
            self._conversation.state, self._conversation.waiting_since = "closed", None

    def _return(self, admin: Admin) -> None:
        """Bring a resolved ticket back, resolve it again."""
        if self._ticket.by_customer:
            part_type = "open" if self._conversation.state == "closed" else "comment"
            self._add_message(self._dice.pick(text.REOPENINGS), self._dice.delay(20 * HOUR), part_type)
        self._change_state(catalogue.IN_PROGRESS, admin.id, self._office_wait(self._dice.delay(HOUR)))
        if self._ticket.by_customer:
            self._reply(admin)
        self._resolve(admin)

    def _finish(self) -> None:
        """Work out the statistics; a ticket is no visit, so that it leaves `last_seen_at` as it is."""
        conversation, person = self._conversation, self._conversation.person
        conversation.statistics = statistics = summarise(conversation, self._hours)
        if conversation.sla_name:
            conversation.sla_status = self._sla_status(conversation)
        if self._ticket.by_customer:
            advance(person, "last_replied_at", statistics.last_contact_reply_at)
            advance(person, "last_contacted_at", statistics.last_admin_reply_at)


def generate_tickets(
    maker: TicketMaker, moments: Sequence[int], start: int, now: int, customer_at: Callable[[int], Person]
) -> list[Conversation]:
    """Generate one ticket for each moment, one with more parts than are shown; `customer_at` returns a customer."""
    longest, tickets = len(moments) // 2, []
    for number, at in enumerate(moments):
        person, type_ = customer_at(at), maker.type_at(at, start, now)
        long = number == longest
        tickets.append(maker.generate_ticket(number, at, person, BUG if long else type_, LONG_ROUNDS if long else 0))
    return tickets
