"""Figures beside a metric's rows, which stay the same, and what is behind one of its numbers."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
from mcp.client.extension import advertise
from mcp.server.apps import APP_MIME_TYPE, EXTENSION_ID
from mcp.server.mcpserver.exceptions import ToolError

from intercom_kit import Workspace
from intercom_kit.mcp.figures import drawing
from intercom_kit.mcp.figures.app import FIGURE, URI
from intercom_kit.mcp.figures.number import row_of
from intercom_kit.mcp.server import make_server

from ..charts import made
from .asking import call, connected, records, refusal

pytestmark = pytest.mark.anyio

SHOWS_APPS = {"extensions": [advertise(EXTENSION_ID, {"mimeTypes": [APP_MIME_TYPE]})]}
RATED = {"name": "csat", "by": ["team"]}
PNG = b"\x89PNG of it"


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """The figures of which a picture is wanted; drawing one takes a browser seconds."""
    figures: list[Any] = []

    def draw(figure: Any) -> bytes:
        figures.append(figure)
        return PNG

    monkeypatch.setattr(drawing, "picture_of", draw)
    return figures


def rows_of(result: Any) -> dict[str, Any]:
    """An answer's rows and what they are; not when they were fetched, at what cost."""
    return {name: value for name, value in result.structured_content.items() if name in ("columns", "rows", "note")}


async def test_a_figure_comes_as_a_picture_where_one_is_wanted(server: Any, drawn: list[Any]) -> None:
    async with connected(server) as client:
        plain = await client.call_tool("intercom_metric", RATED)
        with_picture = await client.call_tool("intercom_metric", RATED | {"chart": True})
    (text,), (same, picture) = plain.content, with_picture.content
    assert rows_of(with_picture) == rows_of(plain)
    assert json.loads(same.text)["rows"] == json.loads(text.text)["rows"]
    assert (picture.mime_type, base64.b64decode(picture.data)) == ("image/png", PNG)
    assert "Customer satisfaction" in drawn[0].layout.title.text
    (when,) = [note.text for note in drawn[0].layout.annotations if note.name == "counted"]
    assert when.startswith("Europe/Dublin")  # "How counted" is for hovering over


async def test_a_client_that_shows_apps_gets_the_figure_in_metadata(server: Any, era: str) -> None:
    async with connected(server, era, **SHOWS_APPS) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        shown = await client.call_tool("intercom_metric", RATED)
        (page,) = (await client.read_resource(tools["intercom_metric"].meta["ui"]["resourceUri"])).contents
    async with connected(server, era) as client:
        plain = await client.call_tool("intercom_metric", RATED)
    assert rows_of(shown) == rows_of(plain)
    assert [each.type for each in shown.content] == ["text"]
    assert shown.meta[FIGURE]["data"][0]["type"] == "bar"
    assert FIGURE not in (plain.meta or {})
    assert (str(page.uri), page.mime_type) == (URI, APP_MIME_TYPE)
    assert "Plotly" in page.text
    assert "src=" not in page.text.partition("<body>")[2]


async def test_without_what_draws_there_is_no_picture_and_no_error(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> bytes:
        raise ValueError("kaleido is not installed")

    monkeypatch.setattr("intercom_kit.charts.Chart.to_image", fail)
    async with connected(server) as client:
        result = await client.call_tool("intercom_metric", RATED | {"chart": True})
    assert not result.is_error
    assert [each.type for each in result.content] == ["text", "text"]
    assert result.content[1].text == f"No picture: {drawing.NEEDED}"
    assert "kaleido" in result.content[1].text


async def test_numbers_that_no_chart_draws_are_said_to_be_so(server: Any, drawn: list[Any]) -> None:
    async with connected(server) as client:
        result = await client.call_tool("intercom_metric", RATED | {"period": "week", "chart": True})
    assert result.content[1].text.startswith("No picture: no chart draws these numbers. Call again with by alone")
    assert drawn == []


def test_a_picture_that_takes_too_long_is_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    never = threading.Event()
    monkeypatch.setattr("intercom_kit.charts.Chart.to_image", lambda *_, **__: never.wait(10))
    monkeypatch.setattr(drawing, "_LONGEST_WAIT", 0.05)
    assert "Call again" in drawing.picture_of(drawing.figure_of(made.RATINGS))
    never.set()


def test_without_plotly_no_figure_is_drawn_and_none_is_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    import intercom_kit
    from intercom_kit.extras import missing

    def absent(_: str) -> Any:
        raise missing("plotly", "notebook")

    monkeypatch.delattr(intercom_kit, "charts", raising=False)
    monkeypatch.setattr(intercom_kit, "__getattr__", absent)
    assert drawing.figure_of(made.RATINGS) is None
    monkeypatch.setattr("intercom_kit.mcp.figures.app.importlib.util.find_spec", lambda _: None)
    server = make_server(lambda: pytest.fail("nobody asked for the workspace"))
    assert not server._lowlevel_server.extensions


@pytest.mark.parametrize(
    ("frame", "title"),
    [(made.RATINGS, "Something measured"), (made.STEPS, ""), (made.COHORTS, ""), (pd.DataFrame({"a": [1]}), None)],
    ids=["shares", "funnel", "retention", "no metric"],
)
def test_a_frame_is_drawn_by_the_chart_that_it_is_for(frame: pd.DataFrame, title: str | None) -> None:
    figure = drawing.figure_of(frame)
    assert (figure is None) == (title is None)
    if figure is not None:
        assert title in figure.layout.title.text


async def test_what_is_behind_a_number_is_one_call(server: Any, ws: Workspace) -> None:
    frame = ws.metric("csat", by="team")
    place = next(place for place, n in enumerate(frame["n"]) if n and pd.notna(frame["team"].iloc[place]))
    async with connected(server) as client:
        team = {"team": frame["team"].iloc[place].upper()}
        answer = await call(client, "intercom_metric", **RATED, behind=team, limit=200)
    assert {row["id"] for row in records(answer)} == set(ws.behind(frame, place)["id"])
    assert len(answer["rows"]) == frame["n"].iloc[place]


async def test_a_number_that_is_not_named_exactly_is_refused_with_those_there_are(server: Any) -> None:
    async with connected(server) as client:
        several = await refusal(client, "intercom_metric", **RATED, behind={})
        unknown = await refusal(client, "intercom_metric", **RATED, behind={"teem": "Billing"})
        metric = await refusal(client, "intercom_metric", name="cast", behind={})
    assert 'not one: give one of {"team":"Billing"}' in several
    assert "behind has no 'teem': it takes team" in unknown
    assert "no metric 'cast': did you mean 'csat'?" in metric


async def test_labels_before_a_value_name_a_number_too(server: Any, ws: Workspace) -> None:
    """As the bands of who waits: each group has several of them."""
    frame = ws.metric("waiting_now")
    place = list(frame["waiting"]).index("over 24 hours")
    async with connected(server) as client:
        several = await refusal(client, "intercom_metric", name="waiting_now", behind={})
        answer = await call(client, "intercom_metric", name="waiting_now", behind={"waiting": "over 24 hours"})
    assert '{"waiting":"over 24 hours"}' in several
    assert len(answer["rows"]) == frame["n"].iloc[place] > 0


async def test_a_number_of_no_sample_is_refused_whatever_names_it(server: Any) -> None:
    async with connected(server) as client:
        said = await refusal(client, "intercom_metric", name="backlog", behind={})
    assert "backlog cannot say what is behind its n" in said
    assert "list rows with intercom_query instead" in said


@pytest.mark.parametrize(("zone", "offset"), [("America/New_York", "-05:00"), ("Asia/Tokyo", "+09:00")])
def test_a_period_is_named_by_its_beginning_as_shown_or_its_day(zone: str, offset: str) -> None:
    begins = pd.date_range("2026-11-20", periods=3, freq="D", tz=zone)
    frame = pd.DataFrame({"period": begins, "value": [1, 2, 3]})
    frame.attrs["intercom"] = {"metric": {"by": []}}
    assert row_of(frame, {"period": f"2026-11-21T00:00:00{offset}"}) == 1
    assert row_of(frame, {"period": "2026-11-21"}) == 1
    with pytest.raises(ToolError, match="names 0 numbers, not one: give one of"):
        row_of(frame, {"period": "2026-11"})
