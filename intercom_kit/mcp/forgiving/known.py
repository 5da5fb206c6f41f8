"""The names that the tools' schemas list, written down since importing the metrics would take the server a second."""

# fmt: off
METRICS = (
    "conversations", "busiest_hours", "topics", "workload", "first_response_time", "response_time",
    "time_to_first_close", "time_to_close", "time_to_assignment", "handling_time", "new_lead_response",
    "replies_to_resolve", "reopens", "assignments", "backlog", "waiting_now", "first_response_survival",
    "time_to_close_survival", "csat", "rating_response_rate", "reopen_rate", "closed_on_first_contact",
    "sla_hit_rate", "fin_involvement", "fin_resolution", "fin_automation", "fin_sources", "available_hours",
    "away_share", "replies_per_available_hour", "article_views", "tickets", "ticket_reassignments",
    "ticket_backlog", "ticket_time_to_resolve", "ticket_waiting_share", "tickets_reopened", "ticket_time_in_state",
    "active_contacts", "active_days", "active_share", "company_activity", "segment_comparison", "feature_adoption",
    "stickiness", "retention", "lifecycle", "funnel", "contact_rate", "support_load", "account_health",
    "churn_risk",
)
DEFINITIONS = (
    "intercom", "calendar", "office", "dbt", "adjusted", "parts", "lifetime", "last", "first", "events",
    "last_seen", "bracket", "rolling", "first_touch", "any_touch",
)
# fmt: on
