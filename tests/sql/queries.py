"""Invent queries: shapes with holes, and random predicates that fill them."""

import random
import re
from collections.abc import Mapping
from functools import cache

from .conditions import Conditions, quoted
from .whole import Whole

# `{conversations c}` is a random predicate on conversations, by the alias c; `{constant contacts.id}` a value, and
# `{constants contacts.id}` a list of them.
SHAPES: dict[str, str] = {
    "where": "select * from conversations c where {conversations c}",
    "where on people": "select * from contacts k where {contacts k}",
    "count": "select count(*) from contacts k where {contacts k}",
    "inner join": "select c.id, k.id, k.email from conversations c join contacts k on c.contact_id = k.id "
    "where {conversations c} and {contacts k}",
    "left join": "select c.id, k.name from conversations c left join contacts k "
    "on c.contact_id = k.id and {contacts k} where {conversations c}",
    "left join, then where": "select k.id, c.state from contacts k left join conversations c on c.contact_id = k.id "
    "where {contacts k} and ({conversations c})",
    "left join, nothing found": "select k.id from contacts k left join conversations c "
    "on c.contact_id = k.id and {conversations c} where c.id is null and {contacts k}",
    "right join": "select c.id, k.id from conversations c right join contacts k "
    "on c.contact_id = k.id and {conversations c} where {contacts k}",
    "full join": "select a.id, b.id from (select * from contacts k where {contacts k}) a full join "
    "(select * from conversations c where {conversations c}) b on a.id = b.contact_id",
    "semi join": "select c.id from conversations c semi join contacts k on c.contact_id = k.id and {contacts k}",
    "anti join": "select k.id from contacts k anti join conversations c on c.contact_id = k.id and {conversations c}",
    "exists": "select k.id from contacts k where {contacts k} and exists "
    "(select 1 from conversations c where c.contact_id = k.id and {conversations c})",
    "exists, by ids too": "select k.id from contacts k where {contacts k} and exists (select 1 from conversations c "
    "where c.contact_id = k.id and ({conversations c} or c.id in {constants conversations.id}))",
    "exists, compared beside": "select k.id from contacts k where exists (select 1 from conversations c "
    "where c.contact_id = k.id and c.id > k.external_id and {conversations c})",
    "not exists": "select k.id from contacts k where {contacts k} and not exists "
    "(select 1 from conversations c where c.contact_id = k.id and {conversations c})",
    "exists, or else": "select k.id from contacts k where ({contacts k}) or exists "
    "(select 1 from conversations c where c.contact_id = k.id and {conversations c})",
    "in": "select c.id from conversations c where c.contact_id in (select k.id from contacts k where {contacts k})",
    "not in": "select c.id from conversations c where {conversations c} and c.admin_assignee_id not in "
    "(select a.id from admins a where {admins a})",
    "twice the same": "with x as (select * from conversations c where {conversations c}) "
    "select a.id, b.id from x a join x b on a.contact_id = b.contact_id and a.id < b.id",
    "twice, each narrowed": "with x as (select * from conversations) select 'a' side, c.id from x c "
    "where {conversations c} union all select 'b', c.id from x c where {conversations c}",
    "window, then filter": "select id, n from (select c.id, c.state, c.open, c.created_at, row_number() over "
    "(partition by c.contact_id order by c.created_at, c.id) n from conversations c where {conversations c}) "
    "where n = 1 and open",
    "qualify": "select c.id from conversations c where {conversations c} "
    "qualify row_number() over (partition by c.state order by c.created_at desc, c.id) <= 3",
    "limit inside": "select * from (select c.id, c.state, c.open from conversations c where {conversations c} "
    "order by c.created_at, c.id limit 20) where open",
    "union": "select c.contact_id as who from conversations c where {conversations c} union "
    "select k.id from contacts k where {contacts k}",
    "except": "select k.id from contacts k where {contacts k} except "
    "select c.contact_id from conversations c where {conversations c}",
    "intersect": "select k.id from contacts k where {contacts k} intersect "
    "select c.contact_id from conversations c where {conversations c}",
    "aggregate with filter": "select c.state, count(*) n, count(*) filter ({conversations c}) m, "
    "sum(c.count_reopens) s from conversations c where {conversations c} group by all",
    "having": "select k.role, max(k.last_seen_at) from contacts k where {contacts k} group by 1 having count(*) > 3",
    "distinct on": "select distinct on (c.contact_id) c.contact_id, c.id from conversations c where {conversations c} "
    "order by c.contact_id, c.created_at desc, c.id",
    "top n": "select c.id, c.created_at from conversations c where {conversations c} "
    "order by c.created_at desc, c.id limit 7",
    "newest people": "select k.id from contacts k where {contacts k} order by k.created_at desc, k.id limit 5 offset 2",
    "newest inside": "select x.id, k.role from (select * from conversations c where {conversations c} "
    "order by c.created_at desc, c.id limit 6) x left join contacts k on k.id = x.contact_id",
    "any n": "select count(*) from (select c.id from conversations c where {conversations c} limit 9)",
    "union of limits": "(select c.id from conversations c where {conversations c} order by c.created_at desc, c.id "
    "limit 4) union all (select c.id from conversations c where {conversations c} order by c.created_at desc, c.id "
    "limit 30 offset 3)",
    "top n of people": "select k.id from contacts k where {contacts k} order by k.last_seen_at desc nulls last, k.id "
    "limit 5 offset 2",
    "scalar subquery": "select c.id, (select count(*) from contacts k where {contacts k}) n from conversations c "
    "where {conversations c}",
    "correlated subquery": "select k.id, (select count(*) from conversations c where c.contact_id = k.id and "
    "{conversations c}) n from contacts k where {contacts k}",
    "lateral": "select k.id, x.id from contacts k, lateral (select c.id from conversations c "
    "where c.contact_id = k.id and {conversations c} order by c.created_at desc, c.id limit 1) x where {contacts k}",
    "asof join": "select a.id, b.id from (select * from conversations c where {conversations c}) a asof left join "
    "(select distinct on (contact_id, created_at) * from conversations c where {conversations c} order by id) b "
    "on a.contact_id = b.contact_id and a.created_at > b.created_at",
    "self join of people": "select a.id, b.id from contacts a join contacts b on a.email = b.email and a.id < b.id "
    "where {contacts a} and {contacts b}",
    "self join, one side of two": "select a.id, b.id from contacts a left join contacts b on a.owner_id = b.owner_id "
    "and {contacts b} where {contacts a} and a.id > b.id",
    "cross join": "select k.id, s.id from contacts k, segments s where {contacts k} and {segments s}",
    "directory": "select c.id, a.name, t.name from conversations c left join admins a on a.id = c.admin_assignee_id "
    "left join teams t on t.id = c.team_assignee_id where {conversations c}",
    "tags of conversations": "select t.* from conversation_tags t join conversations c on c.id = t.conversation_id "
    "where {conversations c}",
    "tags, or none": "select c.id, t.tag_name from conversations c left join conversation_tags t "
    "on t.conversation_id = c.id where {conversations c}",
    "without any tag": "select c.id from conversations c anti join conversation_tags t on t.conversation_id = c.id "
    "where {conversations c}",
    "called as in a view": "select d.id, x.tag from conversations d join (select c.contact_id as conversation_id, "
    "unnest(c.tag_names) as tag from conversations c where {conversations c}) x on x.conversation_id = d.contact_id "
    "where {conversations d}",
    "the same rows": "select a.id, b.state from conversations a left join conversations b on a.id = b.id and "
    "{conversations b} where {conversations a}",
    "names of tags": "select t.name, count(*) from conversation_tags ct join tags t on t.id = ct.tag_id "
    "where {tags t} group by 1",
    "first responses of teams": "select r.*, t.name from conversation_team_responses r left join teams t "
    "on t.id = r.team_id join conversations c on c.id = r.conversation_id where {conversations c}",
    "contacts of conversations": "select cc.*, k.role from conversation_contacts cc join contacts k "
    "on k.id = cc.contact_id where {contacts k}",
    "renamed": "select x.id, k.name from (select c.contact_id as id, c.id as name from conversations c "
    "where {conversations c}) x join contacts k on k.id = x.id",
    "renamed by a pattern": "select x.other, k.name from (select columns('contact_(id)') as '\\1', c.id as other "
    "from conversations c where {conversations c}) x join contacts k on k.id = x.id",
    "unnest": "select c.id, unnest(c.tag_names) from conversations c where {conversations c}",
    "case": "select case when {conversations c} then 1 else 0 end x, count(*) from conversations c group by 1",
    "values": "select v.x, k.id from (values ('user'), ('lead'), (null)) v(x) left join contacts k on k.role = v.x "
    "and {contacts k}",
    "not both": "select c.id from conversations c where not (c.contact_id in (select k.id from contacts k "
    "where {contacts k}) and {conversations c})",
    "none of all": "select c.id from conversations c where {conversations c} and c.contact_id <> all "
    "(select k.id from contacts k where {contacts k} and k.id is not null)",
    "either table": "select c.id, k.id from conversations c join contacts k on k.id = c.contact_id "
    "where {conversations c} or {contacts k}",
    "not of both tables": "select c.id, k.id from conversations c left join contacts k on k.id = c.contact_id "
    "where not ({conversations c} and {contacts k})",
    "pivot": "pivot (select c.state, c.priority, c.id from conversations c where {conversations c}) "
    "on state in ('open', 'closed') using count(id)",
    "grouping sets": "select k.role, k.created_at::date, count(*) from contacts k where {contacts k} "
    "group by cube (1, 2)",
    "recursive": "with recursive r as (select c.id, c.contact_id, 1 n from conversations c where {conversations c} "
    "union select d.id, d.contact_id, r.n + 1 from r join conversations d on d.contact_id = r.contact_id and r.n < 3 "
    "where {conversations d}) select * from r",
    "newest of the others": "select c.id, c.state from conversations c where not {conversations c} "
    "order by c.created_at desc, c.id limit 4",
    "any of the others": "select count(*) from (select k.id from contacts k where not {contacts k} limit 25)",
    "newest, then filtered": "select * from (select c.id, c.state from conversations c where {conversations c} "
    "order by c.created_at desc, c.id limit 12 offset 2) where not (state in ('open', 'closed') and id::varchar > '5')",
    "companies": "select co.* from companies co where {companies co}",
    "companies of conversations": "select co.name, c.id from companies co join conversations c "
    "on c.company_id = co.id where {companies co} and {conversations c}",
    # Tables that are asked for key by key.
    "events by external id": "select k.id, e.id, e.event_name from contacts k join events e "
    "on e.user_id = k.external_id where {contacts k}",
    "events by id": "select k.id, e.* from contacts k join events e on e.intercom_user_id = k.id "
    "where {contacts k} and {events e}",
    "events by email": "select k.id, e.id from contacts k join events e on e.email = k.email where {contacts k}",
    "events, or none": "select k.id, count(e.id) from contacts k left join events e on e.intercom_user_id = k.id "
    "and {events e} where {contacts k} group by 1",
    "no such event": "select k.id from contacts k anti join events e on e.user_id = k.external_id and {events e} "
    "where {contacts k}",
    "events of one": "select e.* from events e where e.intercom_user_id = {constant contacts.id} and {events e}",
    "events of some": "select e.* from events e where e.user_id in {constants users.external_id} and {events e}",
    "events of some addresses": "select e.* from events e where e.email in {constants contacts.email}",
    "events of either": "select e.id from events e where (e.user_id = {constant users.external_id} and {events e}) "
    "or e.user_id = {constant users.external_id}",
    "events twice": "select a.id, b.event_name from events a join events b on a.user_id = b.user_id and "
    "a.created_at = b.created_at where a.user_id = {constant users.external_id} and {events a}",
    "events by a list": "select e.id from events e where e.intercom_user_id in "
    "(select k.id from contacts k where {contacts k})",
    "events and conversations": "select c.id, e.id from conversations c join events e "
    "on e.intercom_user_id = c.contact_id where {conversations c} and e.created_at < c.created_at",
    "summaries": "select k.name, s.* from contacts k join event_summaries s on s.user_id = k.external_id "
    "where {contacts k} and {event_summaries s}",
    "summaries of some": "select s.* from event_summaries s where s.intercom_user_id in {constants contacts.id}",
    "summaries twice": "select a.name, b.count from event_summaries a join event_summaries b using (intercom_user_id) "
    "where a.intercom_user_id = {constant contacts.id}",
    "parts": "select c.id, p.id, p.part_type, p.body from conversations c join conversation_parts p "
    "on p.conversation_id = c.id where {conversations c} and {conversation_parts p}",
    "parts, or none": "select c.id, p.id from conversations c left join conversation_parts p "
    "on p.conversation_id = c.id and {conversation_parts p} where {conversations c}",
    "parts of some": "select p.* from conversation_parts p where p.conversation_id in {constants conversations.id} "
    "and {conversation_parts p}",
    "parts by author": "select k.name, count(*) from contacts k join conversations c on c.contact_id = k.id "
    "join conversation_parts p on p.conversation_id = c.id and p.author_id = k.id where {contacts k} group by 1",
    "without such parts": "select c.id from conversations c where {conversations c} and not exists (select 1 from "
    "conversation_parts p where p.conversation_id = c.id and {conversation_parts p})",
    "such a conversation, or such parts": "select c.id from conversations c where ({conversations c}) or exists "
    "(select 1 from conversation_parts p where p.conversation_id = c.id and ({conversation_parts p} or "
    "p.author_id = c.admin_assignee_id))",
    "such parts, or such tags": "select c.id from conversations c where not exists (select 1 from conversation_parts "
    "p where p.conversation_id = c.id and {conversation_parts p}) or exists (select 1 from conversation_tags t "
    "where t.conversation_id = c.id)",
    "parts, counted beside": "select c.id, exists (select 1 from conversation_parts p where p.conversation_id = c.id "
    "and {conversation_parts p}) as such, (select count(*) from conversation_parts p where p.conversation_id = c.id) n "
    "from conversations c where {conversations c}",
    "two such parts, or else": "select c.id from conversations c where ({conversations c} or exists (select 1 from "
    "conversation_parts p where p.conversation_id = c.id and {conversation_parts p})) and ({conversations c} or exists "
    "(select 1 from conversation_parts p where p.conversation_id = c.id and {conversation_parts p}))",
    "not in parts": "select c.id from conversations c where {conversations c} and c.id not in "
    "(select p.conversation_id from conversation_parts p where {conversation_parts p})",
    "people without such events": "select k.id from contacts k where ({contacts k}) and not exists (select 1 from "
    "events e where e.user_id = k.external_id and {events e})",
    "such people, or such events": "select k.id from contacts k where ({contacts k}) or not exists (select 1 from "
    "events e where e.intercom_user_id = k.id and {events e})",
    # Groups of such rows, joined by what they are grouped by.
    "parts of each": "select c.id, x.* from conversations c left join (select p.conversation_id, count(*) n, "
    "max(p.created_at) latest from conversation_parts p where {conversation_parts p} group by 1) x "
    "on x.conversation_id = c.id where {conversations c}",
    "kinds of parts of each": "with x as (select p.part_type, p.conversation_id, count(*) n from conversation_parts p "
    "where {conversation_parts p} group by all having count(*) > 1) select c.id, x.part_type, x.n from x "
    "join conversations c on c.id = x.conversation_id where {conversations c}",
    "kinds of events of each": "select k.id, x.event_name, x.n from contacts k join (select e.event_name, "
    "e.intercom_user_id, count(distinct e.created_at::date) n from events e where {events e} group by all) x "
    "on x.intercom_user_id = k.id where {contacts k}",
    "busy conversations": "select c.state, count(*) from conversations c where {conversations c} and c.id in (select "
    "p.conversation_id from conversation_parts p where {conversation_parts p} group by 1 having count(*) > 2) "
    "group by 1",
    "not busy": "select c.id from conversations c where {conversations c} and c.id not in (select p.conversation_id "
    "from conversation_parts p where {conversation_parts p} group by p.conversation_id having count(*) > 2)",
    "distinct": "select k.id, x.event_name from contacts k left join (select distinct e.intercom_user_id, e.event_name "
    "from events e where {events e}) x on x.intercom_user_id = k.id where {contacts k}",
    "groups of joined": "select x.contact_id, x.n, k.role from (select c.contact_id, count(p.id) n "
    "from conversations c left join conversation_parts p on p.conversation_id = c.id and {conversation_parts p} "
    "where {conversations c} group by 1) x join contacts k on k.id = x.contact_id where {contacts k}",
    "grouped, and renamed": "select x.id, x.n, k.role from (select c.contact_id as id, count(*) n from conversations c "
    "where {conversations c} group by 1) x join contacts k on k.id = x.id where {contacts k}",
    "totals": "select x.contact_id, x.state, x.n, k.role from (select c.contact_id, c.state, count(*) n "
    "from conversations c where {conversations c} group by rollup (c.contact_id, c.state)) x left join contacts k "
    "on k.id is not distinct from x.contact_id and {contacts k}",
    "nobody's": "select c.id from conversations c where {conversations c} and c.contact_id not in (select d.contact_id "
    "from admins a left join conversations d on d.admin_assignee_id = a.id and {conversations d})",
    "contacts of companies": "select co.name, k.* from companies co join contact_companies cc "
    "on cc.company_id = co.id join contacts k on k.id = cc.contact_id where {companies co}",
    "companies of contacts": "select k.name, co.* from contacts k join contact_companies cc on cc.contact_id = k.id "
    "join companies co on co.id = cc.company_id where {contacts k}",
    "companies of contacts, or none": "select k.id, cc.company_id, co.name from contacts k left join "
    "contact_companies cc on cc.contact_id = k.id left join companies co on co.id = cc.company_id and {companies co} "
    "where {contacts k}",
    "colleagues": "select a.contact_id, b.contact_id from contact_companies a join contact_companies b "
    "on a.company_id = b.company_id where a.contact_id = {constant contacts.id}",
    "events of a company": "select co.name, e.* from companies co join contact_companies cc on cc.company_id = co.id "
    "join contacts k on k.id = cc.contact_id join events e on e.user_id = k.external_id "
    "where co.name = {constant companies.name}",
    "three ids": "select * from companies co join contact_companies cc on cc.company_id = co.id join contacts k "
    "on k.id = cc.contact_id join conversations c on c.contact_id = k.id where {companies co} and {conversations c}",
    "tags of contacts": "select k.name, t.* from contacts k join contact_tags t on t.contact_id = k.id "
    "where {contacts k} and {contact_tags t}",
    "tags in common": "select a.contact_id, b.tag_name from contact_tags a join contact_tags b using (contact_id) "
    "where contact_id in (select k.id from contacts k where {contacts k})",
    "segments of contacts": "select k.id, s.name from contacts k left join contact_segments cs "
    "on cs.contact_id = k.id left join segments s on s.id = cs.segment_id where {contacts k}",
    "not in a segment": "select k.id from contacts k where {contacts k} and k.id not in (select cs.contact_id from "
    "contact_segments cs join contacts k on cs.contact_id = k.id where {contacts k})",
}


class Inventor:
    """Fill shapes with random predicates over values that occur."""

    def __init__(self, whole: Whole, seed: int, shapes: Mapping[str, str] = SHAPES) -> None:
        self.whole = whole
        self.shapes = shapes
        self.random = random.Random(seed)  # noqa: S311 - tests are to be repeatable
        self.conditions = Conditions(self.random, cache(lambda table, column: self.whole.values(table, column)))

    def query(self, shape: str) -> str:
        """Write one query of a shape."""
        return re.sub(r"\{(\w+) ([\w.]+)\}", self._filled, self.shapes[shape])

    def _filled(self, hole: re.Match[str]) -> str:
        kind, name = hole.groups()
        if kind.startswith("constant"):
            table, column = name.split(".")
            values = [quoted(self.conditions.value(table, column)) for _ in range(self.random.choice((1, 2, 8)))]
            return values[0] if kind == "constant" else f"({', '.join(values)})"
        return f"({self.conditions.condition(kind, name)})"
