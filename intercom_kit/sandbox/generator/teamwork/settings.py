"""Everything that a workspace's administrators set up: attributes, office hours, away reasons and the help center."""

from intercom_kit.sandbox.contents.record import Record
from intercom_kit.sandbox.generator.knowledge.articles import (
    article_records,
    collection_records,
    help_center_records,
)
from intercom_kit.sandbox.generator.organisation import Organisation
from intercom_kit.sandbox.generator.teamwork.attributes import conversation_attribute_records, data_attribute_records
from intercom_kit.sandbox.generator.teamwork.away_reasons import away_reason_records
from intercom_kit.sandbox.generator.teamwork.schedules import exception_records, schedule_records


def settings_records(seed: int, organisation: Organisation, now: int) -> dict[str, list[Record]]:
    """Return the records by kind."""
    founded = organisation.founded
    return {
        "articles": article_records(seed, organisation, now),
        "collections": collection_records(founded),
        "help_centers": help_center_records(founded),
        "office_hours_schedules": schedule_records(founded),
        "office_hours_exceptions": exception_records(founded, now),
        "away_status_reasons": away_reason_records(founded),
        "conversation_attributes": conversation_attribute_records(founded, organisation.admins[0].id),
        "data_attributes": data_attribute_records(founded, organisation.admins[0].id),
    }
