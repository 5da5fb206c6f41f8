"""Answers become files of CSV, Parquet or Excel, with their receipts."""

import json
import sys
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from click.testing import CliRunner

from intercom_kit import Workspace
from intercom_kit.cli import main
from intercom_kit.errors import BadRequestError
from intercom_kit.frames.frame import Frame, with_receipt
from intercom_kit.frames.receipt import Receipt

from .sheets import sheets_of

NOON = pd.Timestamp("2026-07-01 12:00", tz="UTC")


@pytest.fixture
def answer() -> Frame:
    """An answer with what files stumble over."""
    frame = pd.DataFrame(
        {
            "id": ["12345678901234567890", "2"],
            "at": pd.DatetimeIndex([NOON, pd.NaT]).astype("datetime64[us, UTC]"),
            "body": ["=1+1", "x" * 40_000],
            "tags": [["a", "b"], []],
            "large": pd.array([2**60, None], dtype="Int64"),
            "open": pd.array([True, None], dtype="boolean"),
            "n": pd.array([1, 2], dtype="Int64"),
        }
    )
    return with_receipt(Frame(frame), Receipt("conversations", total=9))


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".xlsx"])
def test_the_receipt_is_beside_whatever_the_format(answer: Frame, tmp_path: Path, ending: str) -> None:
    written = answer.save(tmp_path / f"rows{ending}")
    assert [path.name for path in written] == [f"rows{ending}", f"rows{ending}.receipt.json"]
    told = json.loads(written[1].read_text())
    assert told["receipt"] == answer.receipt
    assert (told["rows"], told["total"]) == (2, 9)
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in written}


def test_parquet_keeps_types_and_instants(answer: Frame, tmp_path: Path) -> None:
    path, _ = answer.save(tmp_path / "rows.parquet")
    rows = duckdb.sql(
        f"select id, epoch(rows.at), tags, large, rows.open, typeof(tags), length(body) from '{path}' rows"
    ).fetchall()
    assert rows[0] == ("12345678901234567890", NOON.timestamp(), ["a", "b"], 2**60, True, "VARCHAR[]", 4)
    assert rows[1][1:5] == (None, [], None, None)
    assert rows[1][6] == 40_000


def test_csv_has_the_rows_and_the_names_of_groups(answer: Frame, tmp_path: Path) -> None:
    path, beside = answer.groupby("id")[["n"]].sum().save(tmp_path / "rows.csv")
    assert path.read_text().splitlines() == ["id,n", "12345678901234567890,1", "2,2"]
    assert "computed here from 2" in json.loads(beside.read_text())["receipt"]


def test_excel_has_local_times_and_says_so(answer: Frame, tmp_path: Path) -> None:
    pytest.importorskip("xlsxwriter")
    path, _ = answer.save(tmp_path / "rows.xlsx", timezone="America/New_York")
    sheets = sheets_of(path)
    rows, told = sheets["conversations"], {line[1]: line[2] for line in sheets["receipts"][1:]}
    assert float(rows[1][1]) % 1 == pytest.approx(8 / 24)
    assert told["times"] == "local times of America/New_York"
    assert told["receipt"] == answer.receipt


def test_excel_holds_what_it_can_and_names_what_it_cannot(answer: Frame, tmp_path: Path) -> None:
    pytest.importorskip("xlsxwriter")
    answer.to_excel(tmp_path / "rows.xlsx")
    sheets = sheets_of(tmp_path / "rows.xlsx")
    id_, _, body, tags, large, open_, n = sheets["conversations"][1]
    assert (id_, body, tags, large, open_, n) == (answer["id"][0], "=1+1", '["a", "b"]', str(2**60), "1", "1")
    assert len(sheets["conversations"][2][1]) == 32_767
    (changed,) = [text for _, what, text in sheets["receipts"][1:] if what == "changed"]
    assert "body: 1 texts cut after 32,767" in changed
    assert "large: numbers as text" in changed


def test_a_sheet_of_a_writer_of_pandas_is_written_as_well(answer: Frame, tmp_path: Path) -> None:
    pytest.importorskip("xlsxwriter")
    with pd.ExcelWriter(tmp_path / "rows.xlsx", engine="xlsxwriter") as writer:
        answer[["id", "at"]].to_excel(writer, sheet_name="mine", index=False)
    assert sheets_of(tmp_path / "rows.xlsx")["mine"][1][0] == answer["id"][0]


def test_a_workbook_has_a_sheet_for_each_answer_and_one_of_receipts(ws: Workspace, tmp_path: Path) -> None:
    pytest.importorskip("xlsxwriter")
    csat, volume = (ws.metric(name, since="2020-01-01") for name in ("csat", "volume"))
    path = ws.to_excel(tmp_path / "week.xlsx", csat, csat, pd.DataFrame({"x": [1]}), **{"in/out: all": volume})
    sheets = sheets_of(path)
    assert list(sheets) == ["Customer satisfaction", "Customer satisfaction 2", "rows", "in-out- all", "receipts"]
    said = [line[2] for line in sheets["receipts"][1:] if line[0] == "in-out- all"]
    assert said[0] == volume.receipt
    assert "Source: " in said[1]


@pytest.mark.parametrize(
    ("name", "says"), [("rows.txt", "names no format"), ("rows", "names no format"), ("file/rows.csv", "written to")]
)
def test_what_cannot_be_written_is_refused(answer: Frame, tmp_path: Path, name: str, says: str) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(BadRequestError, match=says):
        answer.save(tmp_path / name)


def test_without_its_library_excel_is_refused_with_the_extra(
    answer: Frame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(BadRequestError, match=r"pip install 'intercom_kit\[excel\]'"):
        answer.save(tmp_path / "rows.xlsx")
    assert not list(tmp_path.iterdir())


def test_the_terminal_writes_files_too(tmp_path: Path) -> None:
    path = tmp_path / "teams.parquet"
    done = CliRunner().invoke(main, ["sql", "select name from teams", "--demo", "--out", str(path)])
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[:2] == [str(path), f"{path}.receipt.json"]
    assert duckdb.sql(f"from '{path}'").fetchall()
    assert CliRunner().invoke(main, ["sql", "select 1", "--csv", "--out", str(path)]).exit_code == 2
