"""What metrics count, conversations or contacts, and what these can be grouped by."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from intercom_kit.errors import BadFilterError, BadMetricError, hint
from intercom_kit.tables import COMPANIES, CONTACTS, CONVERSATIONS, TABLES, Kind, Table
from intercom_kit.tables.columns import Personal


@dataclass(frozen=True)
class Join:
    """Join what a dimension reads to the subject.

    `reads` names a table whose rows need labels. `memberships` is made before: a join of two tables alone, since one of
    them is asked for key by key.
    """

    sql: str
    tables: tuple[str, ...]
    reads: str = ""
    memberships: str = ""


@dataclass(frozen=True)
class Each:
    """A list in a row of the subject, which then stands once for each member, or once where that is empty."""

    name: str
    members: str

    def unnested(self, rows: str, alias: str) -> str:
        """Write the rows with the member as a column of its own."""
        members = f"coalesce(nullif(list_distinct({self.members}), []), [null])"
        return f"(select *, unnest({members}) as {self.name} from {rows} as {alias})"


@dataclass(frozen=True)
class Dimension:
    """One way to group: the SQL of a row's group, NULL for none.

    Where a row may belong to `several` groups it counts in every one; `each` is the list of them, where the row holds
    it. `unlisted` holds where the group is told by an id of which Intercom lists no name any more. `cost` says what it
    costs to find out. `values` are all that there are, where these are known, and `names` the query that lists them.
    `personal` says what of a person the groups tell, as for columns.
    """

    name: str
    sql: str
    join: Join | None = None
    each: Each | None = None
    unlisted: str = ""
    cost: str = ""
    several: bool = False
    values: tuple[str, ...] = ()
    names: str = ""
    personal: Personal = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "several", self.several or bool(self.each))
        if self.names and self.join and self.join.reads:  # the groups are labels, made of names
            object.__setattr__(self, "personal", TABLES[self.join.reads].column("name").personal)

    @property
    def tables(self) -> tuple[str, ...]:
        """Name the tables that it reads."""
        return self.join.tables if self.join else ()


@dataclass(frozen=True)
class Subject:
    """What a metric's rows are: a table, the name it has in SQL, and the dimensions it has."""

    table: Table
    alias: str
    dimensions: Mapping[str, Dimension]
    others: Mapping[str, tuple[Table, Join, Each | None]] = field(default_factory=dict)

    def dimension(self, name: str, others: Iterable[str] = ()) -> Dimension:
        """Find what a name means: a dimension, a column, a member of custom attributes, or `company.industry`.

        Raises BadMetricError with the nearest names, among these and `others`.
        """
        if name in self.dimensions:
            return self.dimensions[name]
        if not isinstance(name, str):
            raise self._unknown(name, others)
        owner, dot, column = name.partition(".")
        if dot and owner in self.others:
            table, join, each = self.others[owner]
            if found := _column(table, owner, column, name, join):
                return replace(found, each=each, several=bool(each))
        if found := _column(self.table, self.alias, name, name, None):
            return found
        raise self._unknown(name, others)

    def _unknown(self, name: str, others: Iterable[str]) -> BadMetricError:
        joined = [f"{owner}.{column.name}" for owner, (table, *_) in self.others.items() for column in table.columns]
        known = [*self.dimensions, *(column.name for column in self.table.columns), *joined, *others]
        said = hint(name, known, self.spelled())
        return BadMetricError(f"There is no way to group {self.table.name} by {name!r}: {said}")

    def spelled(self) -> str:
        """List the ways to group."""
        others = "".join(f", {owner}.<column>" for owner in self.others)
        return f"{', '.join(self.dimensions)}, any column of {self.table.name}, custom_attributes.<name>{others}"


def _column(table: Table, alias: str, column: str, name: str, join: Join | None) -> Dimension | None:
    """Read a column's name, or that of a member of custom attributes."""
    attributes, dot, member = column.partition(".")
    if dot and attributes == "custom_attributes" and attributes in table:
        personal = table.column(attributes).personal
        return Dimension(name, f"{alias}.custom_attributes ->> {_member(member)}", join, personal=personal)
    if column not in table:
        return None
    sql, declared = f"{alias}.{column}", table.column(column)
    if declared.kind is not Kind.TEXTS or join:
        return Dimension(name, sql, join, values=declared.values, personal=declared.personal)
    each = Each(f"each_of_{column}", sql)
    return Dimension(name, f"{alias}.{each.name}", each=each, personal=declared.personal)


def _member(name: str) -> str:
    """Write a JSON member's name; only a plain one is handed on to Intercom, any other is a JSON pointer."""
    plain = re.fullmatch(r"\w[\w -]*", name)
    return text(name if plain else "/" + name.replace("~", "~0").replace("/", "~1"))


def text(value: str) -> str:
    """Write a text as a constant of SQL."""
    return _quoted(value, "'")


def identifier(name: str) -> str:
    """Write a name of a column as SQL."""
    return _quoted(name, '"')


def _quoted(value: str, mark: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadFilterError(f"{value!r} holds half of a character, and is no text: give the whole one.") from None
    return mark + value.replace(mark, 2 * mark) + mark


def _named(dimensions: Iterable[Dimension]) -> dict[str, Dimension]:
    return {dimension.name: dimension for dimension in dimensions}


def labelled(table: str) -> str:
    """Write a table with a label for each row: its name, and where others have the same, its id too."""
    return f"select *, if(count(*) over (partition by name) > 1, name || ' (' || id || ')', name) as label from {table}"


TEAM = Join("left join labelled_teams as team on team.id = conversation.team_assignee_id", ("teams",), "teams")
TEAMMATE = Join(
    "left join labelled_admins as teammate on teammate.id = conversation.admin_assignee_id", ("admins",), "admins"
)
EACH_TEAMMATE = Each("each_teammate", "conversation.teammate_ids")
PARTICIPANT = Join(
    "left join labelled_admins as participant on participant.id = conversation.each_teammate", ("admins",), "admins"
)
CLOSER = Join(
    "left join labelled_admins as closer on closer.id = conversation.last_closed_by_id", ("admins",), "admins"
)
CONTACT = Join("left join contacts as contact on contact.id = conversation.contact_id", ("contacts",))
COMPANY = Join(
    "left join labelled_companies as company on company.id = conversation.company_id", ("companies",), "companies"
)


def _segments(subject: str, contact: str) -> Join:
    """Join the segments of a subject's contact; these are asked for by contact or by segment, whichever is less."""
    return Join(
        f"left join memberships as segment on segment.person = {contact}",
        ("contact_segments", "segments"),
        memberships=f"select segment.contact_id as person, segment.segment_name from asked as {subject} "
        f"join contact_segments as segment on segment.contact_id = {contact} "
        "join segments as listed on listed.id = segment.segment_id group by all",
    )


SEGMENT = _segments("conversation", "conversation.contact_id")
SEGMENT_NAMES = "select name as label, id from segments"
COST_OF_SEGMENTS = "a request per contact, or for 150 members of each segment where that is less"

OF_CONVERSATIONS = Subject(
    CONVERSATIONS,
    "conversation",
    _named(
        [
            Dimension(
                "team",
                "coalesce(team.label, conversation.team_assignee_id)",
                TEAM,
                unlisted="conversation.team_assignee_id is not null and team.id is null",
                names=labelled("teams"),
            ),
            Dimension(
                "teammate",
                "coalesce(teammate.label, conversation.admin_assignee_id)",
                TEAMMATE,
                unlisted="conversation.admin_assignee_id is not null and teammate.id is null",
                names=labelled("admins"),
            ),
            Dimension(
                "participant",
                "coalesce(participant.label, conversation.each_teammate)",
                PARTICIPANT,
                EACH_TEAMMATE,
                unlisted="conversation.each_teammate is not null and participant.id is null",
                names=labelled("admins"),
            ),
            Dimension(
                "closer",
                "coalesce(closer.label, conversation.last_closed_by_id)",
                CLOSER,
                unlisted="conversation.last_closed_by_id is not null and closer.id is null",
                names=labelled("admins"),
            ),
            Dimension("channel", "conversation.source_type"),
            Dimension(
                "direction",
                "case when conversation.source_delivered_as = 'customer_initiated' then 'inbound' "
                "when conversation.source_delivered_as is not null then 'outbound' end",
                values=("inbound", "outbound"),
            ),
            Dimension("tag", "conversation.each_tag", each=Each("each_tag", "conversation.tag_names")),
            Dimension(
                "company", "coalesce(company.label, conversation.company_id)", COMPANY, names=labelled("companies")
            ),
            Dimension("plan", "company.plan_name", COMPANY),
            Dimension(
                "segment",
                "segment.segment_name",
                SEGMENT,
                cost=COST_OF_SEGMENTS,
                several=True,
                names=SEGMENT_NAMES,
            ),
            Dimension("country", "contact.location_country", CONTACT),
        ]
    ),
    {"contact": (CONTACTS, CONTACT, None), "company": (COMPANIES, COMPANY, None)},
)

EACH_COMPANY = Each("each_company", "contact.company_ids")
ITS_COMPANIES = Join(
    "left join labelled_companies as company on company.id = contact.each_company", ("companies",), "companies"
)
ITS_SEGMENTS = _segments("contact", "contact.id")

OF_CONTACTS = Subject(
    CONTACTS,
    "contact",
    _named(
        [
            Dimension(
                "company",
                "coalesce(company.label, contact.each_company)",
                ITS_COMPANIES,
                EACH_COMPANY,
                names=labelled("companies"),
            ),
            Dimension("plan", "company.plan_name", ITS_COMPANIES, EACH_COMPANY),
            Dimension(
                "segment",
                "segment.segment_name",
                ITS_SEGMENTS,
                cost=COST_OF_SEGMENTS,
                several=True,
                names=SEGMENT_NAMES,
            ),
            Dimension("country", "contact.location_country"),
        ]
    ),
    {"company": (COMPANIES, ITS_COMPANIES, EACH_COMPANY)},
)

OF_COMPANIES = Subject(
    COMPANIES,
    "company",
    _named([Dimension("company", "coalesce(company.name, company.id)"), Dimension("plan", "company.plan_name")]),
)
