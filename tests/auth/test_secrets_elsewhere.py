"""More places in which no token may stand: exports, receipts, children, command lines, other files, crash reports."""

import json
import os
import re
import subprocess
import sys
import threading
import traceback
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import click
import duckdb
import pytest
from click.testing import CliRunner

from intercom_kit import IntercomError, NotFoundError, Workspace, connect
from intercom_kit.api.secret import Secret
from intercom_kit.auth.credentials import OAuthClient
from intercom_kit.auth.login import begin
from intercom_kit.auth.profiles import save
from intercom_kit.cli import main
from intercom_kit.doctor.report import shared
from intercom_kit.notebook.environment import beside
from intercom_kit.sandbox import Sandbox

from ..conftest import Begin
from ..live.strangers import Said, always, stranger
from .conftest import MemoryKeyring
from .exposure import reachable

ROOT = Path(__file__).parents[2]
TOKEN = "dG9rOmEtdmVyeS1zZWNyZXQtdG9rZW4="
FORMS = (TOKEN, b64encode(TOKEN.encode()).decode(), TOKEN[::-1], TOKEN.rstrip("="))
CLIENT = OAuthClient("an-app", Secret("an-apps-very-secret-secret"))
ME = {"type": "admin", "id": "1", "app": {"id_code": "acme", "name": "Acme", "timezone": "UTC"}}


def hides(shown: str) -> bool:
    return not any(form in shown for form in FORMS)


@pytest.fixture
def connected(begin: Begin) -> tuple[Sandbox, Workspace]:
    return begin(token=TOKEN)


class TestFiles:
    @pytest.fixture
    def exported(self, connected: tuple[Sandbox, Workspace], tmp_path: Path) -> list[Path]:
        """All tables that a query may ask for without keys, as they are written."""
        _, ws = connected
        for table in ("contacts", "companies", "conversations", "tags", "teams", "admins", "segments"):
            ws.sql(f"select * from {table}")
        paths = ws.export(tmp_path / "exported")
        assert len(paths) == 8
        return paths

    def test_no_exported_file_holds_it_in_its_rows_its_metadata_or_its_name(self, exported: list[Path]) -> None:
        with duckdb.connect() as plain:
            for path in exported:
                assert hides(str(path))
                assert hides(path.read_bytes().decode("latin-1"))
                if path.suffix == ".parquet":
                    rows = plain.execute("select columns(*)::varchar from read_parquet($1)", [str(path)]).fetchall()
                    told = [
                        plain.execute(f"select * from {of}($1)", [str(path)]).fetchall()
                        for of in ("parquet_metadata", "parquet_kv_metadata", "parquet_file_metadata", "parquet_schema")
                    ]
                    assert rows
                    assert hides(repr(rows) + repr(told))

    def test_no_file_of_another_name_is_written(
        self, connected: tuple[Sandbox, Workspace], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        home = tmp_path / "home"
        home.mkdir()
        for name in ("HOME", "TMPDIR", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "INTERCOM_KIT_HOME"):
            monkeypatch.setenv(name, str(home))
        monkeypatch.setattr("tempfile.tempdir", str(home))
        monkeypatch.chdir(home)
        _, ws = connected
        ws.contacts()
        ws.sql("select count(*) from conversations")
        ws.metric("conversations", by="channel")
        with pytest.raises(NotFoundError):
            ws.contact("nobody")
        assert [*home.iterdir()] == []

    def test_a_netrc_is_neither_read_nor_written(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        netrc = "machine 127.0.0.1 login ann password p4ssw0rd\ndefault login bob password p4ssw0rd\n"
        for name in (".netrc", "_netrc"):
            (tmp_path / name).write_text(netrc)
            (tmp_path / name).chmod(0o600)
        for name in ("HOME", "USERPROFILE"):
            monkeypatch.setenv(name, str(tmp_path))
        monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
        with stranger(always(Said(json.dumps(ME)))) as server:
            with connect(TOKEN, base_url=server.base_url, patience=0.1) as ws, pytest.raises(IntercomError):
                ws.teams()
            login = begin(CLIENT, base_url=server.base_url, loopback=False)
            with pytest.raises(IntercomError):
                login.finish(f"{login.url.partition('?')[0]}?code=abc&state={login.url.partition('state=')[2]}")
            sent = [asked.headers.get("authorization") for asked in server.asked]
        assert len(sent) >= 3
        assert set(sent) <= {f"Bearer {TOKEN}", None}
        assert (tmp_path / ".netrc").read_text() == (tmp_path / "_netrc").read_text() == netrc


class TestWhatIsTold:
    def test_no_receipt_list_of_fetches_plan_or_report_holds_it(self, connected: tuple[Sandbox, Workspace]) -> None:
        sandbox, ws = connected
        frames = [
            ws.contacts(limit=5),
            ws.sql("select * from teams"),
            ws.metric("conversations", by="channel"),
            ws.plan("select * from contacts where role = 'user'"),
            ws.held,
            ws.status(),
            ws.doctor(),
        ]
        sandbox.revoke(TOKEN)
        with pytest.raises(IntercomError):
            ws.companies()
        for frame in (*frames, ws.fetches):
            receipt = getattr(frame, "receipt", "")
            told = frame.to_csv() + frame.to_html() + json.dumps(frame.attrs, default=str) + str(receipt)
            assert hides(told + reachable(frame.attrs))
        assert hides(json.dumps(shared(frames[-1])))
        assert hides(repr(ws.budget) + ws.explain_metric("csat"))


class TestChildren:
    @pytest.fixture
    def stored(self, connected: tuple[Sandbox, Workspace], memory: MemoryKeyring) -> Iterator[Workspace]:
        """A workspace that a stored profile opened."""
        sandbox, ws = connected
        save(ws._credential, ws.identity)
        with connect() as opened:
            opened.teams()
            yield opened
        assert memory.entries
        assert sandbox.requests

    @pytest.mark.usefixtures("stored")
    def test_none_finds_it_in_its_environment_or_its_arguments(self) -> None:
        program = "import os, sys; print(dict(os.environ), sys.argv, sys.orig_argv)"
        told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
        assert "INTERCOM_KIT_HOME" in told
        assert hides(told + repr(dict(os.environ)) + repr(sys.argv))

    @pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="this system does not tell what is open")
    def test_none_inherits_a_connection_or_a_file(self, connected: tuple[Sandbox, Workspace]) -> None:
        sandbox, ws = connected
        before = left_to_children()
        login = begin(CLIENT, base_url=sandbox.base_url, https=True)
        ws.teams()
        ws.sql("select count(*) from contacts")
        assert left_to_children() == before
        login.cancel()

    def test_notebooks_and_a_lab_on_made_up_data_get_nothing_of_the_users(
        self, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("ACCESS_TOKEN", "CLIENT_ID", "CLIENT_SECRET", "PROFILE", "REGION", "BASE_URL"):
            monkeypatch.setenv(f"INTERCOM_{name}", TOKEN)
        assert hides(repr(beside(sandbox)) + repr(beside(sandbox, "/nowhere")))


def left_to_children() -> set[int]:
    """Give the open files and sockets that a program which this one starts would have too."""
    return {number for each in Path("/proc/self/fd").iterdir() if inherited(number := int(each.name))}


def inherited(number: int) -> bool:
    try:
        return os.get_inheritable(number)
    except OSError:
        return False  # it was open only to list the others


def commands() -> list[click.Command]:
    return [command for name, command in main.commands.items() if name != "sandbox"]  # whose token is made up


class TestCommandLine:
    @pytest.mark.parametrize("command", commands(), ids=lambda command: str(command.name))
    def test_no_option_takes_a_secret_for_all_who_list_programs_to_see(self, command: click.Command) -> None:
        for option in command.params:
            if re.search("token|secret|password|code", " ".join(option.opts)):
                assert isinstance(option, click.Option)
                assert option.is_flag

    @pytest.mark.parametrize(
        "given",
        [
            ("login", TOKEN),
            ("login", "--token", TOKEN),
            ("login", f"--token={TOKEN}"),
            ("login", "--client-secret", TOKEN),
            ("login", f"--client-secret={TOKEN}"),
            ("login", "-t", TOKEN),
            ("logout", TOKEN),
            ("status", "--check", TOKEN),
            ("mcp", TOKEN),
            ("mcp", f"--token={TOKEN}"),
            ("doctor", TOKEN),
            ("sql", "select 1", TOKEN),
            ("metric", "csat", TOKEN),
            (TOKEN,),
            (TOKEN, "login"),
        ],
        ids=lambda given: " ".join(given).replace(TOKEN, "…"),
    )
    def test_one_that_is_given_in_the_wrong_place_is_not_repeated(self, given: tuple[str, ...]) -> None:
        result = CliRunner().invoke(main, list(given))
        assert result.exit_code == 2
        assert "Error: " in result.output
        assert hides(result.output)

    def test_no_command_prints_it(self, connected: tuple[Sandbox, Workspace], monkeypatch: pytest.MonkeyPatch) -> None:
        sandbox, _ = connected
        monkeypatch.setenv("INTERCOM_BASE_URL", sandbox.base_url)
        printed = ""
        for words, typed in (
            (["login", "--token"], f"{TOKEN}\n"),
            (["status", "--check"], ""),
            (["sql", "select * from teams"], ""),
            (["sql", "select * from teams", "--plan"], ""),
            (["metric", "conversations", "--csv"], ""),
            (["metric", "csat", "--explain"], ""),
            (["doctor", "--yes"], ""),
            (["logout"], ""),
        ):
            result = CliRunner().invoke(main, words, input=typed)
            assert result.exit_code == 0, result.output
            printed += result.output
        assert "Connected to" in printed
        assert hides(printed)


CRASH = """
import faulthandler, os, sys, threading, traceback
import intercom_kit as ik

def report(kind, error, trace, *more):
    told = traceback.TracebackException(kind, error, trace, capture_locals=True)
    print(*told.format(), sep="", file=sys.stderr, flush=True)

sys.excepthook = report
threading.excepthook = lambda told: report(told.exc_type, told.exc_value, told.exc_traceback)
faulthandler.enable()
ws = ik.connect()
frame = ws.contacts()
def fail(verb):
    verb("nobody")
threads = [threading.Thread(target=fail, args=(verb,)) for verb in (ws.contact, ws.company, ws.sql)]
for each in threads:
    each.start()
    each.join()
def last():
    local = ws.identity
    faulthandler.dump_traceback(all_threads=True)
    try:
        ws.conversation("nobody")
    finally:
        if len(sys.argv) > 1:
            os.abort()
last()
"""


class TestCrashes:
    @pytest.mark.parametrize("ends", [[], ["abort"]], ids=["by an exception", "by a signal"])
    def test_what_a_program_prints_as_it_ends_does_not_hold_it_even_with_local_variables(
        self, connected: tuple[Sandbox, Workspace], ends: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sandbox, _ = connected
        monkeypatch.setenv("INTERCOM_ACCESS_TOKEN", TOKEN)
        monkeypatch.setenv("INTERCOM_BASE_URL", sandbox.base_url)
        done = subprocess.run(
            [sys.executable, "-c", CRASH, *ends], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode != 0
        assert "NotFoundError" in done.stderr
        assert "Current thread" in done.stderr
        assert ("Fatal Python error: Aborted" in done.stderr) == bool(ends)
        assert hides(done.stdout + done.stderr)

    def test_nor_do_the_variables_of_any_thread_while_a_request_is_under_way(self, begin: Begin) -> None:
        _, ws = begin(token=TOKEN, latency=0.4)
        fetching = threading.Thread(target=ws.teams)
        fetching.start()
        told = ""
        while fetching.is_alive():
            fetching.join(0.05)
            for running in list(sys._current_frames().values()):
                stack = list(traceback.walk_stack(running))
                if not any(ours(each) for each, _ in stack):
                    continue  # what runs the tests knows them all, and what they look for
                frames = ((each, line) for each, line in stack if not of_the_tests(each))
                told += "".join(traceback.StackSummary.extract(frames, capture_locals=True).format())
        assert "intercom_kit" in told
        assert hides(told)


def ours(frame: FrameType) -> bool:
    """Tell whether a frame is the package's own."""
    file = frame.f_code.co_filename
    return file.startswith(str(ROOT / "intercom_kit")) and "sandbox" not in file


def of_the_tests(frame: FrameType) -> bool:
    """Tell whether a frame is the tests' own, or the sandbox's, which are told the token in the open."""
    file = frame.f_code.co_filename
    return file.startswith(str(ROOT / "tests")) or any(part in file for part in ("sandbox", "_pytest", "pluggy"))
