"""What metrics count (conversations, contacts, companies), and what these can be grouped by."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from intercom_kit.errors import BadMetricError, hint
from intercom_kit.metrics.sql import SQL, sql
from intercom_kit.tables import COMPANIES, CONTACTS, CONVERSATIONS, TABLES, Kind, Table
from intercom_kit.tables.columns import Personal


@dataclass(frozen=True)
class Join:
    """The join of what a dimension reads to the subject.

    `labels` names the table whose rows need labels. `memberships` is the SELECT of a step before: a join of two tables
    alone, since one of them is fetched key by key.
    """

    sql: str
    labels: str = ""
    memberships: str = ""


@dataclass(frozen=True)
class Unnest:
    """A list in a row, which repeats the row for each member; for an empty list the row stays once, with NULL."""

    name: str
    members: SQL

    def unnested(self, rows: SQL, alias: str) -> SQL:
        """Return the rows with the member in a column."""
        return sql(
            "(select *, unnest({members}) as {name} from {rows} as {alias})",
            members=sql("coalesce(nullif(list_distinct({members}), []), [null])", members=self.members),
            name=SQL(self.name),
            rows=rows,
            alias=SQL(alias),
        )


@dataclass(frozen=True)
class Dimension:
    """One way to group: the SQL of a row's group, NULL for none.

    A row that may belong to `several` groups counts in each; `unnest` is the list of them, if the row holds it.
    `unlisted` is the condition under which the group is an id that Intercom no longer lists a name for. `values` are
    the only ones possible, where these are known, and `names` is the query that lists the names. `personal` is what
    the groups reveal of a person, as for columns.
    """

    name: str
    sql: str
    join: Join | None = None
    unnest: Unnest | None = None
    unlisted: str = ""
    several: bool = False
    values: tuple[str, ...] = ()
    names: str = ""
    personal: Personal = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "several", self.several or bool(self.unnest))
        if self.names and self.join and self.join.labels:  # the groups are labels, made of names
            object.__setattr__(self, "personal", TABLES[self.join.labels].column("name").personal)


@dataclass(frozen=True)
class Subject:
    """What a metric counts: a table, its alias in SQL, and its dimensions."""

    table: Table
    alias: str
    dimensions: Mapping[str, Dimension]
    others: Mapping[str, tuple[Table, Join, Unnest | None]] = field(default_factory=dict)

    def dimension(self, name: str, others: Iterable[str] = ()) -> Dimension:
        """Return the dimension of a name: one of its own, a column, a custom attribute, or `company.industry`.

        Raises BadMetricError with the nearest names, among these and `others`.
        """
        if name in self.dimensions:
            return self.dimensions[name]
        if not isinstance(name, str):
            raise self._unknown(name, others)
        owner, dot, column = name.partition(".")
        if dot and owner in self.others:
            table, join, unnest = self.others[owner]
            if found := _column(table, owner, column, name, join):
                return replace(found, unnest=unnest, several=bool(unnest))
        if found := _column(self.table, self.alias, name, name, None):
            return found
        raise self._unknown(name, others)

    def _unknown(self, name: str, others: Iterable[str]) -> BadMetricError:
        joined = [f"{owner}.{column.name}" for owner, (table, *_) in self.others.items() for column in table.columns]
        known = [*self.dimensions, *(column.name for column in self.table.columns), *joined, *others]
        return BadMetricError(
            f"There is no way to group {self.table.name} by {name!r}: {hint(name, known, self.spelled())}"
        )

    def spelled(self) -> str:
        """Return the ways to group, as one text."""
        others = "".join(f", {owner}.<column>" for owner in self.others)
        return f"{', '.join(self.dimensions)}, any column of {self.table.name}, custom_attributes.<name>{others}"


def _column(table: Table, alias: str, column: str, name: str, join: Join | None) -> Dimension | None:
    """Return the dimension of a column or of a custom attribute; None for what is neither."""
    attributes, dot, member = column.partition(".")
    if dot and attributes == "custom_attributes" and attributes in table:
        personal = table.column(attributes).personal
        value = sql("{alias}.custom_attributes ->> {path}", alias=SQL(alias), path=_path(member))
        return Dimension(name, value, join, personal=personal)
    if column not in table:
        return None
    own, declared = SQL(f"{alias}.{column}"), table.column(column)
    if declared.kind is not Kind.TEXTS or join:
        return Dimension(name, own, join, values=declared.values, personal=declared.personal)
    unnest = Unnest(f"each_of_{column}", own)
    return Dimension(name, f"{alias}.{unnest.name}", unnest=unnest, personal=declared.personal)


def _path(attribute: str) -> str:
    """Return the path of a JSON member: a plain name, which Intercom's search takes too, or a JSON pointer."""
    plain = re.fullmatch(r"\w[\w -]*", attribute)
    return attribute if plain else "/" + attribute.replace("~", "~0").replace("/", "~1")


def _named(dimensions: Iterable[Dimension]) -> dict[str, Dimension]:
    return {dimension.name: dimension for dimension in dimensions}


def labelled(table: str) -> str:
    """Return the SELECT of a table with a label for each row: its name, followed by its id if names are equal."""
    return f"select *, if(count(*) over (partition by name) > 1, name || ' (' || id || ')', name) as label from {table}"


TEAM = Join("left join labelled_teams as team on team.id = conversation.team_assignee_id", "teams")
TEAMMATE = Join("left join labelled_admins as teammate on teammate.id = conversation.admin_assignee_id", "admins")
EACH_TEAMMATE = Unnest("each_teammate", SQL("conversation.teammate_ids"))
PARTICIPANT = Join("left join labelled_admins as participant on participant.id = conversation.each_teammate", "admins")
CLOSER = Join("left join labelled_admins as closer on closer.id = conversation.last_closed_by_id", "admins")
CONTACT = Join("left join contacts as contact on contact.id = conversation.contact_id")
COMPANY = Join("left join labelled_companies as company on company.id = conversation.company_id", "companies")


def _segments(subject: str, contact: str) -> Join:
    """Return the join of a contact's segments, which are fetched by contact or by segment, whichever is less."""
    return Join(
        f"left join memberships as segment on segment.person = {contact}",
        memberships=f"select segment.contact_id as person, segment.segment_name from selected as {subject} "
        f"join contact_segments as segment on segment.contact_id = {contact} "
        "join segments as listed on listed.id = segment.segment_id group by all",
    )


SEGMENT = _segments("conversation", "conversation.contact_id")
SEGMENT_NAMES = "select name as label, id from segments"

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
            Dimension("tag", "conversation.each_tag", unnest=Unnest("each_tag", SQL("conversation.tag_names"))),
            Dimension(
                "company", "coalesce(company.label, conversation.company_id)", COMPANY, names=labelled("companies")
            ),
            Dimension("plan", "company.plan_name", COMPANY),
            Dimension(
                "segment",
                "segment.segment_name",
                SEGMENT,
                several=True,
                names=SEGMENT_NAMES,
            ),
            Dimension("country", "contact.location_country", CONTACT),
        ]
    ),
    {"contact": (CONTACTS, CONTACT, None), "company": (COMPANIES, COMPANY, None)},
)

EACH_COMPANY = Unnest("each_company", SQL("contact.company_ids"))
ITS_COMPANIES = Join("left join labelled_companies as company on company.id = contact.each_company", "companies")
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
