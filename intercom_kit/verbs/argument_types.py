"""What verbs take, as types from which editors complete; `make docs` writes it from the declarations."""

from collections.abc import Mapping
from typing import Any, Literal, TypedDict

from intercom_kit.values.times import Time

MetricName = Literal[
    "conversations",
    "busiest_hours",
    "topics",
    "workload",
    "first_response_time",
    "response_time",
    "time_to_first_close",
    "time_to_close",
    "time_to_assignment",
    "handling_time",
    "new_lead_response",
    "replies_to_resolve",
    "reopens",
    "assignments",
    "backlog",
    "waiting_now",
    "first_response_survival",
    "time_to_close_survival",
    "csat",
    "rating_response_rate",
    "reopen_rate",
    "closed_on_first_contact",
    "sla_hit_rate",
    "fin_involvement",
    "fin_resolution",
    "fin_automation",
    "fin_sources",
    "available_hours",
    "away_share",
    "replies_per_available_hour",
    "article_views",
    "tickets",
    "ticket_reassignments",
    "ticket_backlog",
    "ticket_time_to_resolve",
    "ticket_waiting_share",
    "tickets_reopened",
    "ticket_time_in_state",
    "active_contacts",
    "active_days",
    "active_share",
    "company_activity",
    "segment_comparison",
    "feature_adoption",
    "stickiness",
    "retention",
    "lifecycle",
    "funnel",
    "contact_rate",
    "support_load",
    "account_health",
    "churn_risk",
]
Period = Literal["hour", "day", "week", "month", "quarter"]


class ContactFilters(TypedDict, total=False):
    """The filters of contacts; a list stands for any of several values, and None for a missing one."""

    android_app_name: Any
    android_app_version: Any
    android_device: Any
    android_last_seen_since: Time
    android_last_seen_until: Time
    browser: Any
    browser_language: Any
    created_since: Time
    created_until: Time
    custom_attributes: Mapping[str, Any]
    during: Time
    email: Any
    email_domain: Any
    external_id: Any
    has_hard_bounced: bool | list[bool] | None
    id: Any
    ios_app_name: Any
    ios_app_version: Any
    ios_device: Any
    ios_last_seen_since: Time
    ios_last_seen_until: Time
    ios_os_version: Any
    ios_sdk_version: Any
    language_override: Any
    last_contacted_since: Time
    last_contacted_until: Time
    last_email_clicked_since: Time
    last_email_clicked_until: Time
    last_email_opened_since: Time
    last_email_opened_until: Time
    last_replied_since: Time
    last_replied_until: Time
    last_seen_since: Time
    last_seen_until: Time
    location_city: Any
    location_country: Any
    location_region: Any
    marked_email_as_spam: bool | list[bool] | None
    name: Any
    os: Any
    owner_id: Any
    phone: Any
    role: Literal["user", "lead"] | list[Literal["user", "lead"]] | None
    segment_id: Any
    signed_up_since: Time
    signed_up_until: Time
    since: Time
    tag_id: Any
    timezone: str
    unsubscribed_from_emails: bool | list[bool] | None
    until: Time
    updated_since: Time
    updated_until: Time


class ConversationFilters(TypedDict, total=False):
    """The filters of conversations; a list stands for any of several values, and None for a missing one."""

    admin_assignee_id: Any
    ai_agent_last_answer_type: Any
    ai_agent_participated: bool | list[bool] | None
    ai_agent_rating: Any
    ai_agent_rating_max: Any
    ai_agent_rating_min: Any
    ai_agent_rating_remark: Any
    ai_agent_resolution_state: Any
    contact_id: Any
    contact_ids: Any
    count_assignments: Any
    count_assignments_max: Any
    count_assignments_min: Any
    count_conversation_parts: Any
    count_conversation_parts_max: Any
    count_conversation_parts_min: Any
    count_reopens: Any
    count_reopens_max: Any
    count_reopens_min: Any
    created_since: Time
    created_until: Time
    during: Time
    first_admin_reply_since: Time
    first_admin_reply_until: Time
    first_assignment_since: Time
    first_assignment_until: Time
    first_close_since: Time
    first_close_until: Time
    first_contact_reply_since: Time
    first_contact_reply_until: Time
    id: Any
    last_admin_reply_since: Time
    last_admin_reply_until: Time
    last_assignment_admin_reply_since: Time
    last_assignment_admin_reply_until: Time
    last_assignment_since: Time
    last_assignment_until: Time
    last_close_since: Time
    last_close_until: Time
    last_closed_by_id: Any
    last_contact_reply_since: Time
    last_contact_reply_until: Time
    median_time_to_reply: Any
    median_time_to_reply_max: Any
    median_time_to_reply_min: Any
    open: bool | list[bool] | None
    priority: (
        Literal["none", "low", "medium", "high", "urgent"]
        | list[Literal["none", "low", "medium", "high", "urgent"]]
        | None
    )
    rating: Any
    rating_max: Any
    rating_min: Any
    rating_remark: Any
    rating_requested_since: Time
    rating_requested_until: Time
    read: bool | list[bool] | None
    since: Time
    source_author_email: Any
    source_author_id: Any
    source_author_name: Any
    source_author_type: Any
    source_body: Any
    source_delivered_as: Any
    source_id: Any
    source_subject: Any
    source_type: Any
    source_url: Any
    state: Literal["open", "closed", "snoozed"] | list[Literal["open", "closed", "snoozed"]] | None
    tag_ids: Any
    team_assignee_id: Any
    teammate_ids: Any
    time_to_admin_reply: Any
    time_to_admin_reply_max: Any
    time_to_admin_reply_min: Any
    time_to_assignment: Any
    time_to_assignment_max: Any
    time_to_assignment_min: Any
    time_to_first_close: Any
    time_to_first_close_max: Any
    time_to_first_close_min: Any
    time_to_last_close: Any
    time_to_last_close_max: Any
    time_to_last_close_min: Any
    timezone: str
    until: Time
    updated_since: Time
    updated_until: Time


class TicketFilters(TypedDict, total=False):
    """The filters of tickets; a list stands for any of several values, and None for a missing one."""

    admin_assignee_id: Any
    contact_id: Any
    contact_ids: Any
    created_since: Time
    created_until: Time
    during: Time
    id: Any
    open: bool | list[bool] | None
    since: Time
    state: (
        Literal["submitted", "in_progress", "waiting_on_customer", "resolved"]
        | list[Literal["submitted", "in_progress", "waiting_on_customer", "resolved"]]
        | None
    )
    team_assignee_id: Any
    ticket_type_id: Any
    timezone: str
    until: Time
    updated_since: Time
    updated_until: Time
