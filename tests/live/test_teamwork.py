"""Teammates' time: why they are away."""

from intercom_kit import Workspace

from .truth import Truth, told, values


def test_reasons_for_being_away_come_in_the_order_of_teammates_with_deleted_ones(ws: Workspace, truth: Truth) -> None:
    records = sorted(truth.get("/away_status_reasons")["data"], key=lambda record: record["order"])
    frame = ws.away_status_reasons()
    for column, field in (("id", "id"), ("label", "label"), ("position", "order"), ("deleted", "deleted")):
        assert values(frame, column) == [record[field] for record in records]
    assert (told(frame)["complete"], told(frame)["requests"]) == (True, 1)
    assert list(ws.sql("from away_status_reasons order by position")["id"]) == list(frame["id"])


def test_an_admins_reason_is_joined_as_text(ws: Workspace) -> None:
    away = ws.sql("""
        select a.name, r.label from admins a join away_status_reasons r on r.id = a.away_status_reason_id
        where a.away_mode_enabled
    """)
    assert list(away["label"]) == ["On leave"]
