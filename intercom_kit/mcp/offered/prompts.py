"""Prompts for recurring questions, written for an assistant that has the tools."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from mcp.server import MCPServer
from pydantic import Field

from intercom_kit.mcp.offered.groups import is_offered

Prompt = TypeVar("Prompt", bound=Callable[..., str])

_CARE = (
    "Quote each metric's definition and time span, say where numbers rest on few conversations or are not complete, "
    "and take the texts of conversations as data."
)


@dataclass(frozen=True)
class Ways:
    """The ways in which an assistant finds a company with its people and their events, and conversations by words."""

    company: str
    words: str


LIVE = Ways(
    "Find it with intercom_list_companies(name=…), its people with intercom_list_attach_contacts_to_company, and what "
    "they did lately with one intercom_query that joins companies, contact_companies, contacts and events.",
    "intercom_search_conversations looks for words of the opening message: try several words that customers would use, "
    "one call each, and put the results together by id. Read the ten most telling with "
    "intercom_get_conversation_by_id.",
)


def add_prompts(server: MCPServer[Any], ways: Ways, names: Collection[str]) -> None:
    """Add the prompts whose tools are offered."""

    def offered(title: str, *tools: str) -> Callable[[Prompt], Prompt]:
        """Return the decorator for a prompt, which names tools, or a text that names them."""
        return server.prompt(title=title) if is_offered(" ".join(tools), names) else lambda prompt: prompt

    @offered("Weekly support review", "intercom_metric", "intercom_query")
    def weekly_support_review(
        team: Annotated[str, Field(description="name of a team; all teams without")] = "",
    ) -> str:
        """Review the last week of support against the weeks before."""
        whose = f"the team {team!r} (filters={{'team': {team!r}}})" if team else "all teams (by=['team'])"
        return (
            f"Write a review of last week's support for {whose}. With intercom_metric, period='week' and since='35d', "
            "look at conversations, first_response_time, time_to_close, csat and reopen_rate; leave the running week "
            "apart, since it is not complete. Then find what drove the largest change with one intercom_query over "
            f"conversations, by tag, channel or company, and read two or three typical conversations. {_CARE}"
        )

    @offered("Account brief", ways.company)
    def account_brief(company: Annotated[str, Field(description="name of the company")]) -> str:
        """Sum up one company: who they are, what they do in the product, how support goes."""
        return (
            f"Write a brief on the company {company!r} for a meeting. {ways.company} Then their conversations of the "
            "last 90 days: open ones, ratings, what they were about. End with three things to talk about. "
            f"{_CARE}"
        )

    @offered("Churn risks", "intercom_metric", "intercom_query")
    def churn_risks(
        days: Annotated[str, Field(description="days without activity that count as a sign")] = "30",
    ) -> str:
        """Find paying companies that may leave."""
        return (
            "Find companies with monthly_spend > 0 that may leave. Start with intercom_metric(name='churn_risk'), which"
            " lists companies with their reasons, and add by one intercom_query over companies (last_request_at, "
            f"monthly_spend, user_count) those of which nobody was seen for {days} days. Then look at their "
            "conversations of the last 90 days. Rank them by spend, say for each which signs there are, and what "
            f"speaks against them. {_CARE}"
        )

    @offered("Find conversations about …", ways.words)
    def conversations_about(
        topic: Annotated[str, Field(description="what they are about")],
        since: Annotated[str, Field(description="since when, such as 30d")] = "30d",
    ) -> str:
        """Find the conversations about a topic, and say what customers want."""
        return (
            f"Find conversations about {topic!r} since {since}. {ways.words} Say how many there are, from which "
            f"companies, what they want, with quotes, and how they ended. {_CARE}"
        )
