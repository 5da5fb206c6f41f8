"""What metrics count (conversations, contacts and others), and what these can be grouped by."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from intercom_kit.errors import BadMetricError
from intercom_kit.hints import hint
from intercom_kit.metrics.sql import SQL, sql
from intercom_kit.tables import ADMINS, ARTICLES, COMPANIES, CONTACTS, CONVERSATIONS, TABLES, TICKETS, Kind, Table
from intercom_kit.tables.columns import Personal

# The columns whose members, which each workspace defines for itself, are dimensions.
ATTRIBUTES = ("custom_attributes", "attributes")


@dataclass(frozen=True)
class Join:
    """The join of what a dimension reads to the subject.

    `labels` names the table whose rows need labels. `before` is the name and the SELECT of a step before: a join of two
    tables alone, since one of them is fetched key by key.
    """

    sql: str
    labels: str = ""
    before: tuple[str, str] | None = None


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
    the groups reveal of a person, as for columns. `kind` is that of the values; None for a custom attribute, which may
    hold text, numbers and booleans.
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
    kind: Kind | None = Kind.TEXT

    @property
    def own_list(self) -> SQL | None:
        """The list of a row whose members are the groups; None if the groups are not members of a list."""
        if self.unnest and not self.join:
            return self.unnest.members
        return SQL(self.sql) if self.kind is Kind.TEXTS else None

    def __post_init__(self) -> None:
        object.__setattr__(self, "several", self.several or bool(self.unnest))
        if self.names and self.join and self.join.labels:  # the groups are labels, made of names
            object.__setattr__(self, "personal", TABLES[self.join.labels].column("name").personal)


@dataclass(frozen=True)
class Subject:
    """What a metric counts: a table, its alias in SQL, and its dimensions.

    `others` are what is joined to it, whose columns are dimensions, too, and `ids` the SQL of the ids of a row's
    company and contact.
    """

    table: Table
    alias: str
    dimensions: Mapping[str, Dimension]
    others: Mapping[str, tuple[Table, Join | None, Unnest | None]] = field(default_factory=dict)
    ids: Mapping[str, tuple[str, Unnest | None]] = field(default_factory=dict)

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
        near = hint(name, known, f"there are {self.spelled()}.")
        return BadMetricError(f"There is no way to group {self.table.name} by {name!r}: {near}")

    def spelled(self) -> str:
        """Return the ways to group, as one text."""
        others = "".join(f", {owner}.<column>" for owner in self.others)
        attributes = "".join(f", {name}.<name>" for name in ATTRIBUTES if name in self.table)
        return f"{', '.join(self.dimensions)}, any column of {self.table.name}{attributes}{others}"


def _column(table: Table, alias: str, column: str, name: str, join: Join | None) -> Dimension | None:
    """Return the dimension of a column or of a custom attribute; None for what is neither."""
    attributes, dot, member = column.partition(".")
    if dot and attributes in ATTRIBUTES and attributes in table:
        personal = table.column(attributes).personal
        value = sql("{alias}.{attributes} ->> {path}", alias=SQL(alias), attributes=SQL(attributes), path=_path(member))
        return Dimension(name, value, join, personal=personal, kind=None)
    if column not in table:
        return None
    own, declared = SQL(f"{alias}.{column}"), table.column(column)
    if declared.kind is not Kind.TEXTS or join:
        return Dimension(name, own, join, values=declared.values, personal=declared.personal, kind=declared.kind)
    unnest = Unnest(f"each_of_{column}", own)
    return Dimension(name, f"{alias}.{unnest.name}", unnest=unnest, personal=declared.personal, kind=Kind.TEXTS)


def _path(attribute: str) -> str:
    """Return the path of a JSON member: a plain name, which Intercom's search takes too, or a JSON pointer."""
    plain = re.fullmatch(r"\w[\w -]*", attribute)
    return attribute if plain else "/" + attribute.replace("~", "~0").replace("/", "~1")


def _named(*dimensions: Dimension) -> dict[str, Dimension]:
    return {dimension.name: dimension for dimension in dimensions}


def labelled(table: str) -> str:
    """Return the SELECT of a table with a label for each row: its name, followed by its id if names are equal."""
    return f"select *, if(count(*) over (partition by name) > 1, name || ' (' || id || ')', name) as label from {table}"


def _labelled(name: str, table: str, id: str, unnest: Unnest | None = None, unlisted: str = "") -> Dimension:
    """Return the dimension of the names of a table's rows, which an id refers to."""
    join = Join(f"left join labelled_{table} as {name} on {name}.id = {id}", table)
    return Dimension(name, f"coalesce({name}.label, {id})", join, unnest, unlisted, names=labelled(table))


def _assigned(name: str, table: str, id: str, unnest: Unnest | None = None) -> Dimension:
    """Return the dimension of teams or teammates, of whom Intercom lists only those that still exist."""
    return _labelled(name, table, id, unnest, unlisted=f"{id} is not null and {name}.id is null")


def _segment(subject: str, contact: str) -> Dimension:
    """Return the dimension of a contact's segments, which are fetched by contact or by segment, whichever is less."""
    memberships = (
        f"select segment.contact_id as person, segment.segment_name\nfrom selected as {subject}\n"
        f"join contact_segments as segment on segment.contact_id = {contact}\n"
        "join segments as listed on listed.id = segment.segment_id\ngroup by segment.contact_id, segment.segment_name"
    )
    join = Join(f"left join memberships as segment on segment.person = {contact}", before=("memberships", memberships))
    names = "select name as label, id from segments"
    return Dimension("segment", "segment.segment_name", join, several=True, names=names)


# Teammates in other parts than that of the assignee.
_PARTS = ("participant", "closer")


def as_columns(dimensions: tuple[Dimension, ...]) -> tuple[Dimension, ...]:
    """Return groups by the names of their columns: teammates are `teammate` in whatever part, unless several are asked.

    So frames about teammates can be merged.
    """
    people = [dimension for dimension in dimensions if dimension.name in ("teammate", *_PARTS)]
    if len(people) != 1:
        return dimensions
    return tuple(replace(each, name="teammate") if each in people else each for each in dimensions)


_EACH_TEAMMATE = Unnest("each_teammate", SQL("conversation.teammate_ids"))
_CONTACT = Join("left join contacts as contact on contact.id = conversation.contact_id")
_COMPANY = _labelled("company", "companies", "conversation.company_id")

OF_CONVERSATIONS = Subject(
    CONVERSATIONS,
    "conversation",
    _named(
        _assigned("team", "teams", "conversation.team_assignee_id"),
        _assigned("teammate", "admins", "conversation.admin_assignee_id"),
        _assigned("participant", "admins", "conversation.each_teammate", _EACH_TEAMMATE),
        _assigned("closer", "admins", "conversation.last_closed_by_id"),
        Dimension("channel", "conversation.source_type"),
        Dimension(
            "direction",
            "case when conversation.source_delivered_as = 'customer_initiated' then 'inbound' "
            "when conversation.source_delivered_as is not null then 'outbound' end",
            values=("inbound", "outbound"),
        ),
        Dimension("tag", "conversation.each_tag", unnest=Unnest("each_tag", SQL("conversation.tag_names"))),
        _COMPANY,
        Dimension("plan", "company.plan_name", _COMPANY.join),
        _segment("conversation", "conversation.contact_id"),
        Dimension("country", "contact.location_country", _CONTACT),
    ),
    {"contact": (CONTACTS, _CONTACT, None), "company": (COMPANIES, _COMPANY.join, None)},
    {"company": ("conversation.company_id", None), "contact": ("conversation.contact_id", None)},
)

_RESOLUTIONS = """
    select
        part.ticket_id as ticket,
        first(part.author_type order by part.created_at, length(part.id), part.id) as first_author,
        last(part.author_type order by part.created_at, length(part.id), part.id) as last_author
    from selected
    join ticket_parts as part on part.ticket_id = selected.id
    where part.state = 'resolved' and part.previous_state is distinct from 'resolved'
    group by part.ticket_id
"""


def _resolver(name: str, author: str) -> Dimension:
    """Return the dimension of who resolved a ticket: a teammate, a bot or workflow, or the customer."""
    join = Join("left join resolutions on resolutions.ticket = ticket.id", before=("resolutions", sql(_RESOLUTIONS)))
    kind = f"if(resolutions.{author} in ('lead', 'contact'), 'user', resolutions.{author})"
    return Dimension(name, kind, join, values=("admin", "bot", "user", "team"))


_CONTACT_OF_TICKET = Join("left join contacts as contact on contact.id = ticket.contact_id")
_COMPANY_OF_TICKET = _labelled("company", "companies", "ticket.company_id")

OF_TICKETS = Subject(
    TICKETS,
    "ticket",
    _named(
        Dimension(
            "type",
            "coalesce(ticket.ticket_type_name, ticket.ticket_type_id)",
            names="select name as label, id from ticket_types",
        ),
        Dimension("category", "ticket.category"),
        Dimension("state", "ticket.state", values=TICKETS.column("state").values),
        _assigned("team", "teams", "ticket.team_assignee_id"),
        _assigned("teammate", "admins", "ticket.admin_assignee_id"),
        _resolver("resolver", "last_author"),
        _resolver("first_resolver", "first_author"),
        _COMPANY_OF_TICKET,
        Dimension("plan", "company.plan_name", _COMPANY_OF_TICKET.join),
        _segment("ticket", "ticket.contact_id"),
        Dimension("country", "contact.location_country", _CONTACT_OF_TICKET),
    ),
    {"contact": (CONTACTS, _CONTACT_OF_TICKET, None), "company": (COMPANIES, _COMPANY_OF_TICKET.join, None)},
    {"company": ("ticket.company_id", None), "contact": ("ticket.contact_id", None)},
)

_EACH_COMPANY = Unnest("each_company", SQL("contact.company_ids"))
_ITS_COMPANY = _labelled("company", "companies", "contact.each_company", _EACH_COMPANY)

OF_CONTACTS = Subject(
    CONTACTS,
    "contact",
    _named(
        _ITS_COMPANY,
        Dimension("plan", "company.plan_name", _ITS_COMPANY.join, _EACH_COMPANY),
        _segment("contact", "contact.id"),
        Dimension("country", "contact.location_country"),
    ),
    {"company": (COMPANIES, _ITS_COMPANY.join, _EACH_COMPANY)},
    {"company": ("contact.each_company", _EACH_COMPANY), "contact": ("contact.id", None)},
)

OF_COMPANIES = Subject(
    COMPANIES,
    "company",
    _named(Dimension("company", "coalesce(company.name, company.id)"), Dimension("plan", "company.plan_name")),
    ids={"company": ("company.id", None)},
)

OF_ADMINS = Subject(
    ADMINS,
    "admin",
    _named(
        _labelled("teammate", "admins", "admin.id"),
        _assigned("team", "teams", "admin.each_team", Unnest("each_team", SQL("admin.team_ids"))),
    ),
)

OF_ARTICLES = Subject(
    ARTICLES,
    "article",
    _named(
        _assigned("author", "admins", "article.author_id"),
        _labelled(
            "collection",
            "collections",
            "article.each_collection",
            Unnest("each_collection", SQL("article.collection_ids")),
        ),
    ),
)
