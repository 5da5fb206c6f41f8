"""Files that Intercom's own pages export are read as they are, and what is cut is an error."""

import csv
import gzip
import io
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest

import intercom_kit as ik
from intercom_kit import Workspace, connect
from intercom_kit.reports.sheet import read_sheet
from intercom_kit.sandbox import Sandbox
from tests.reports.conftest import SPAN

CONVERSATIONS = """\
Conversation ID,Conversation started at (America/New_York),Conversation rating,Conversation rating remark,\
Fin AI Agent involved,Team currently assigned,Team currently assigned ID,First response time (seconds),User name,\
Conversation tag,Last teammate rated,Plan tier
0215470000000011,2026-03-07 22:30:00,5,"Very helpful,\nthank you",true,Support,5077733,120,Ada Lovelace,"VIP, Beta",\
Sam Whitfield,gold
215470000000048,2026-03-08 03:30:00,,,false,Unassigned,,,Grace Hopper,,,
215470000000049,2026-03-08 02:30:00,x,,maybe,Support,5077733,1.5,,,,
"""
TICKETS = """\
Conversation ID,Ticket created (Europe/Dublin),Ticket last resolved (Europe/Dublin),Ticket time to resolve (seconds),\
Ticket title,Ticket type,Ticket URL,Created by,User participant IDs,User participant names
215470000000029,2026-10-25 01:30:00,,259452,Refund,Bug,https://app.intercom.com/x,Sam Whitfield,"1, 2","Ada, Grace"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "conversations.csv"
    path.write_text(CONVERSATIONS, encoding="utf-8")
    return path


def test_a_file_of_conversations_is_typed_by_its_header(file: Path) -> None:
    frame = ik.read_report(file)
    assert frame["conversation_id"].tolist()[0] == "0215470000000011"
    assert frame["conversation_started_at"].dtype == "datetime64[us, UTC]"
    assert [str(moment) for moment in frame["conversation_started_at"][:2]] == [
        "2026-03-08 03:30:00+00:00",  # winter time
        "2026-03-08 07:30:00+00:00",  # summer time
    ]
    assert frame["first_response_time"].tolist() == [120, pd.NA, pd.NA]
    assert frame["fin_ai_agent_involved"].tolist() == [True, False, pd.NA]
    assert frame["team_currently_assigned_id"].tolist()[0] == "5077733"
    assert frame["conversation_rating_remark"].tolist()[0] == "Very helpful,\nthank you"
    assert frame["conversation_tag"].tolist()[0] == "VIP, Beta"


def test_what_does_not_fit_is_missing_and_counted(file: Path) -> None:
    frame = ik.read_report(file)
    assert frame.attrs["intercom"]["misfits"] == {
        "conversation_started_at": 1,  # an hour that clocks skip
        "conversation_rating": 1,
        "fin_ai_agent_involved": 1,
        "first_response_time": 1,
    }


def test_a_file_of_tickets_is_typed_by_its_header(tmp_path: Path) -> None:
    path = tmp_path / "tickets.csv"
    path.write_bytes(b"\xef\xbb\xbf" + TICKETS.encode())
    (row,) = ik.read_report(path).to_dict("records")
    assert row["conversation_id"] == "215470000000029"
    assert str(row["ticket_created"]) == "2026-10-25 00:30:00+00:00"  # of the two, the first
    assert row["ticket_time_to_resolve"] == 259_452
    assert row["user_participant_ids"] == "1, 2"
    assert pd.isna(row["ticket_last_resolved"])


def test_times_without_a_zone_stay_local_unless_one_is_given(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text("conversation_id,conversation_started_at\n1,2026-07-01 12:00:00\n")
    local = ik.read_report(path)
    assert local["conversation_started_at"].dtype == "datetime64[us]"
    assert "give timezone=" in local.receipt
    known = ik.read_report(path, timezone="Europe/Dublin")
    assert str(known["conversation_started_at"].iloc[0]) == "2026-07-01 11:00:00+00:00"
    with pytest.raises(ik.BadRequestError, match="timezone='Dublinn' is no timezone"):
        ik.read_report(path, timezone="Dublinn")


def test_equal_headers_are_told_apart_by_their_place(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text("conversation_id,Brand,Brand\n1,ours,theirs\n")
    assert list(ik.read_report(path).iloc[0]) == ["1", "ours", "theirs"]


def test_a_file_without_rows_is_empty_and_typed(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text(CONVERSATIONS.partition("\n")[0] + "\n")
    frame = ik.read_report(path)
    assert len(frame) == 0
    assert frame["conversation_started_at"].dtype == "datetime64[us, UTC]"
    assert frame["first_response_time"].dtype == "Int64"


@pytest.mark.parametrize("privacy", ["masked", "none"])
def test_names_texts_and_attributes_are_hidden(file: Path, privacy: Any) -> None:
    shown = ik.read_report(file, privacy=privacy).to_csv()
    for hidden in ("Ada", "Hopper", "Whitfield", "helpful", "gold", "VIP"):
        assert hidden not in shown
    assert "0215470000000011" in shown
    assert "5077733" in shown


def whole_rows(data: bytes) -> set[int]:
    """Give the lengths at which the file ends with a row."""
    lines = CONVERSATIONS.encode().splitlines(keepends=True)
    ends, inside, length = set(), False, 0
    for line in lines:
        length += len(line)
        inside ^= line.count(b'"') % 2 == 1
        if not inside:
            ends.add(length)
    assert max(ends) == len(data)
    return ends


def test_a_file_that_ends_anywhere_but_after_a_row_is_an_error() -> None:
    data = CONVERSATIONS.encode()
    ends = whole_rows(data)
    for length in range(len(data)):
        if length in ends:
            assert len(read_sheet(data[:length]).rows) < 3
        else:
            with pytest.raises(ik.UnreadableReportError):
                read_sheet(data[:length])


def test_a_compressed_file_that_ends_early_is_an_error() -> None:
    data = gzip.compress(CONVERSATIONS.encode())
    assert len(read_sheet(data).rows) == len(read_sheet(data + gzip.compress(b"")).rows) == 3
    for length in range(2, len(data)):
        with pytest.raises(ik.UnreadableReportError):
            read_sheet(data[:length])


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b"\xff\xfea\x00\n\x00", "no text in UTF-8"),
        (b"a,b\n1,2\n3\n", "has 1 cells in row 2 and 2 in its header"),
        (b'a,b\n1,"2\n', "cannot be read after row 0"),
        (b"\x1f\x8bnothing", "cannot be unpacked"),
    ],
)
def test_a_file_that_is_no_report_says_where(data: bytes, says: str) -> None:
    with pytest.raises(ik.UnreadableReportError, match=says):
        read_sheet(data)


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ik.UnreadableReportError, match=r"none.csv cannot be read \(No such file or directory\)"):
        ik.read_report(tmp_path / "none.csv")


UI = {
    "conversation.conversation_id": "Conversation ID",
    "timestamp.conversation_started_at": "Conversation started at (Europe/Dublin)",
    "duration.first_response_time_excluding_bot_inbox": "First response time, excluding bot inbox (seconds)",
    "duration.conversation_first_response_time": "First response time (seconds)",
    "standard.fin_ai_agent_participated": "Fin AI Agent involved",
    "standard.ticket_type_id": "Ticket type",
}


@pytest.fixture(scope="module")
def exported(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Export conversations as Intercom's pages do: with display names, and the zone in the header."""
    sandbox.behaves("documented", "report-zone=workspace")
    body = {
        "dataset_id": "conversation",
        "attribute_ids": [*UI],
        "start_time": 1_793_923_200,
        "end_time": 1_795_132_799,
    }
    headers = {"Authorization": f"Bearer {sandbox.token}", "Accept": "*/*"}
    with httpx.Client(base_url=sandbox.base_url, headers=headers) as http:
        job = http.post("/export/reporting_data/enqueue", json=body).json()["job_identifier"]
        while http.get(f"/export/reporting_data/{job}").json()["status"] == "pending":
            pass
        _, *rows = csv.reader(io.StringIO(http.get(f"/download/reporting_data/{job}").text))
    sandbox.behaves("documented")
    path = tmp_path_factory.mktemp("exported") / "conversations.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([list(UI.values()), *rows])
    return path


def test_a_metric_is_proved_by_a_file_without_the_scope(exported: Path, sandbox: Sandbox, ws: Workspace) -> None:
    before = sandbox.requests["POST /export/reporting_data/enqueue"]
    proof = ws.prove("conversations", definition="calendar", report=exported)
    assert proof["n_intercom"].iloc[0] == proof["n_ours"].iloc[0] > 10
    assert "from 2026-11-06 00:00 to 2026-11-20 00:00" in proof.receipt
    assert proof.differences.empty
    assert sandbox.requests["POST /export/reporting_data/enqueue"] == before


def test_a_frame_of_a_file_does_as_well_and_names_what_differs(exported: Path, ws: Workspace) -> None:
    proof = ws.prove("first_response_time", report=ik.read_report(exported))
    assert set(proof.differences["reason"]) <= {"office hours", "bot inbox", "bot inbox and office hours"}
    assert "office hours" in set(proof.differences["reason"])
    assert proof.differences["evidence"].str.endswith("is the same as ours around the clock").any()


def test_a_file_without_the_column_says_which_to_choose(file: Path, ws: Workspace) -> None:
    with pytest.raises(ik.BadRequestError, match=r"no column 'conversation_time_to_close'.*export it again"):
        ws.prove("time_to_close", report=file)
    with pytest.raises(ik.BadRequestError, match="path of a file"):
        ws.prove("time_to_close", report=3)  # type: ignore[arg-type]


def test_a_file_without_times_needs_a_span(tmp_path: Path, ws: Workspace) -> None:
    path = tmp_path / "report.csv"
    path.write_text("Conversation ID,First response time (seconds)\n1,3\n")
    with pytest.raises(ik.BadRequestError, match="give since= and until="):
        ws.prove("first_response_time", report=path)
    proof = ws.prove("first_response_time", report=path, **SPAN)
    assert proof["n_intercom"].iloc[0] == 1


def test_a_file_of_conversations_counts_only_surveys_that_were_sent(tmp_path: Path, ws: Workspace) -> None:
    header = "Conversation ID,Conversation started at (Europe/Dublin),Conversation rating"
    path = tmp_path / "ratings.csv"
    path.write_text(f"{header}\n1,2026-11-02 10:00:00,5\n2,2026-11-02 10:00:00,\n")
    with pytest.raises(ik.BadRequestError, match="no column 'last_survey_sent'"):
        ws.prove("rating_response_rate", report=path)
    sent = "2026-11-02 11:00:00"
    rows = f"1,2026-11-02 10:00:00,5,{sent}\n2,2026-11-02 10:00:00,,{sent}\n3,2026-11-02 10:00:00,,\n"
    path.write_text(f"{header},Last survey sent\n{rows}")
    proof = ws.prove("rating_response_rate", report=path)
    assert (proof["intercom"].iloc[0], proof["n_intercom"].iloc[0]) == (0.5, 2)


def test_masked_workspaces_show_no_names(sandbox: Sandbox) -> None:
    with connect(sandbox.token, base_url=sandbox.base_url, privacy="masked") as hidden:
        proof = hidden.prove("teammate_closes", since="2026-11-15", until="2026-11-18")
    assert len(proof) > 0
    assert proof["teammate"].str.fullmatch("name-[0-9a-f]{12}").all()
