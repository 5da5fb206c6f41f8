"""The command line: what its commands do, print and answer."""

import errno
import io
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from intercom_kit import NotConnectedError, sandbox
from intercom_kit.cli import main
from intercom_kit.sandbox import Sandbox

FETCHES = """
import intercom_kit as ik

ws = ik.demo()
ws.contacts(limit=5)
"""
SECRET = """
import os

print(os.environ["INTERCOM_ACCESS_TOKEN"][:6], "and no more")
print("home of the user:", os.environ["INTERCOM_KIT_HOME"].endswith("home"))
"""
FIGURE = """
import plotly.express as px

px.bar(x=["one", "two"], y=[1, 2], title="A figure")
"""


def run(*arguments: str | Path, typed: str = "") -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=typed)


def write(path: Path, *cells: str) -> None:
    """A notebook: text that begins with # is its prose, all else its code."""
    path.parent.mkdir(exist_ok=True)
    made = [new_markdown_cell(cell) if cell.startswith("#") else new_code_cell(cell) for cell in cells]
    nbformat.write(new_notebook(cells=made), path)


class TestHelp:
    def test_lists_the_commands(self) -> None:
        result = run("--help")
        assert result.exit_code == 0
        for command in ("demo", "lab", "login", "logout", "sandbox", "status"):
            assert re.search(rf"^  {command}  +\w", result.output, re.MULTILINE)

    @pytest.mark.parametrize("command", ["demo", "lab", "login", "logout", "sandbox", "status"])
    def test_every_command_has_its_own(self, command: str) -> None:
        result = run(command, "--help")
        assert result.exit_code == 0
        assert result.output.startswith(f"Usage: main {command} ")

    def test_loads_nothing_that_only_a_command_needs(self) -> None:
        program = (
            "import sys, intercom_kit.cli as cli; cli.main(['--help'], standalone_mode=False); print(*sys.modules)"
        )
        loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert not {"nbclient", "nbconvert", "plotly", "starlette", "uvicorn"} & set(loaded.stdout.split())

    def test_tells_the_version(self) -> None:
        assert re.fullmatch(r"intercom-kit, version \d+\.\d+\.\d+\n", run("--version").output)


class TestMistakes:
    def test_an_unknown_command_is_named(self) -> None:
        result = run("demmo")
        assert result.exit_code == 2
        assert "demmo" in result.output

    def test_an_unknown_option_of_the_sandbox_is_named(self) -> None:
        result = run("sandbox", "--prot", "0")
        assert result.exit_code == 2
        assert "--prot" in result.output

    def test_an_unknown_notebook_is_answered_with_those_there_are(self, tmp_path: Path) -> None:
        write(tmp_path / "01_first.ipynb", "1 + 1")
        result = run("demo", "--notebooks", tmp_path, "02_second")
        assert result.exit_code == 2
        assert "02_second" in result.output
        assert "01_first" in result.output

    def test_an_error_of_the_kit_is_one_sentence(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(**_: object) -> None:
            raise NotConnectedError("There is no credential.")

        monkeypatch.setattr(sandbox, "serve", fail)
        result = run("lab", "--notebooks", ".")
        assert result.exit_code == 1
        assert result.output == "Error: There is no credential.\n"


class TestWhatNobodyForesaw:
    @pytest.fixture(autouse=True)
    def _broken(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(**_: object) -> None:
            raise ValueError("Unknown scheme\nfor http://ann:p4ss@proxy.example")

        monkeypatch.setattr("intercom_kit.connecting.connect", fail)

    def test_it_is_one_sentence_with_the_reason_and_without_secrets(self) -> None:
        result = run("sql", "select 1")
        assert result.exit_code == 1
        assert result.output == (
            "Error: Something unexpected went wrong (ValueError: Unknown scheme for http://…@proxy.example). "
            "Set INTERCOM_KIT_DEBUG=1 and run it again to see where.\n"
        )

    def test_for_debugging_it_is_left_as_it_is(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("INTERCOM_KIT_DEBUG", "1")
        assert isinstance(run("sql", "select 1").exception, ValueError)

    def test_a_pipe_that_nobody_reads_any_more_is_no_failure(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(**_: object) -> None:
            raise BrokenPipeError(errno.EPIPE, "Broken pipe")

        monkeypatch.setattr("intercom_kit.connecting.connect", fail)
        assert "Something unexpected" not in run("sql", "select 1").output


class TestProxies:
    @pytest.mark.parametrize("name", ["HTTPS_PROXY", "all_proxy"])
    def test_one_that_cannot_be_used_is_named_without_its_password(
        self, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for each in [each for each in os.environ if each.lower().endswith("_proxy")]:
            monkeypatch.delenv(each)
        monkeypatch.setenv("INTERCOM_ACCESS_TOKEN", "a-token")
        monkeypatch.setenv(name, "http://ann:p4ssw0rd@proxy.example:port")
        result = run("sql", "select count(*) from teams")
        assert result.exit_code == 1
        assert result.output.startswith(f"Error: The proxy in {name} cannot be used")
        assert "p4ssw0rd" not in result.output

    @pytest.mark.parametrize(
        "variable", ["NO_PROXY=::1,[::1],fe80::/10", "ALL_PROXY=socks://127.0.0.1:1", "http_proxy=:"]
    )
    def test_a_made_up_workspace_needs_none(self, variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
        name, _, value = variable.partition("=")
        monkeypatch.setenv(name, value)
        assert run("sql", "select 1 as one", "--demo", "--csv").output == "one\n1\n"


class TestConsoles:
    """Of few letters, as on Windows."""

    SAID = "select '“Grüße” … ✓ 😀 日本' as said"

    @pytest.fixture(autouse=True)
    def _connected(self, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("INTERCOM_ACCESS_TOKEN", sandbox.token)
        monkeypatch.setenv("INTERCOM_BASE_URL", sandbox.base_url)

    def program(
        self, *arguments: str, encoding: str, given: bytes = b"", **environment: str
    ) -> "subprocess.CompletedProcess[bytes]":
        names = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0", **environment}
        command = [sys.executable, "-m", "intercom_kit.cli", *arguments]
        return subprocess.run(command, input=given, capture_output=True, env=names, timeout=120, check=False)

    @pytest.mark.parametrize("encoding", ["cp1252", "cp437", "cp932", "latin-1"])
    def test_what_it_does_not_have_is_spelled_out(self, encoding: str) -> None:
        run = self.program("sql", self.SAID, encoding=encoding)
        assert run.returncode == 0, run.stderr
        printed = run.stdout.decode(encoding)
        assert "😀".encode("ascii", "backslashreplace").decode() in printed
        assert "query: 1 row" in printed

    def test_an_error_comes_through_too(self) -> None:
        run = self.program("sql", 'select * from "✗ 😀"', encoding="cp437")
        assert run.returncode == 1
        assert run.stderr.startswith(b"Error: ")
        assert b"Traceback" not in run.stderr

    def test_rows_for_other_programs_are_utf_8_and_lose_nothing(self) -> None:
        run = self.program("sql", self.SAID, "--csv", encoding="cp1252")
        assert run.stdout == "said\n“Grüße” … ✓ 😀 日本\n".encode()

    @pytest.mark.parametrize(
        "given",
        ["select 'ü' as said".encode(encoding) for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252")],
        ids=["utf-8", "utf-8 marked", "utf-16", "the console's"],
    )
    def test_a_query_is_read_in_whichever_encoding_it_is_piped(self, given: bytes) -> None:
        run = self.program("sql", "-", "--csv", encoding="cp1252", given=given)
        assert run.stdout == "said\nü\n".encode()

    def test_a_token_that_windows_marked_is_taken_without_the_mark(self, sandbox: Sandbox, tmp_path: Path) -> None:
        home = {"INTERCOM_KIT_HOME": str(tmp_path)}
        given = b"\xef\xbb\xbf" + sandbox.token.encode() + b"\r\n"
        login = ["login", "--token", "--base-url", sandbox.base_url]
        run = self.program(*login, encoding="cp1252", given=given, **home)
        assert run.returncode == 0, run.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("a folder")
    notebooks = folder / "notebooks"
    write(notebooks / "01_figures.ipynb", "# How many & when", FETCHES, FIGURE, FIGURE)
    write(notebooks / "02_breaks.ipynb", "# One that breaks", FETCHES, "1 / 0", "print('after', 'that')")
    write(notebooks / "03_secret.ipynb", SECRET)
    return folder


@pytest.fixture(scope="module")
def result(folder: Path) -> Result:
    patch = pytest.MonkeyPatch()
    with patch.context() as patched:
        patched.setenv("INTERCOM_REGION", "eu")  # of the analyst's own workspace
        patched.setenv("INTERCOM_KIT_HOME", str(folder / "home"))
        serve = sandbox.serve
        patched.setattr("intercom_kit.notebook.demo.serve", lambda: serve(token="never-to-be-shown"))
        return run("demo", "--notebooks", folder / "notebooks", "--output", folder / "pages")


@pytest.fixture(scope="module")
def page(folder: Path, result: Result) -> str:
    assert result.output
    return (folder / "pages" / "01_figures.html").read_text()


class TestDemo:
    def test_a_failing_cell_is_named_and_the_others_still_run(self, folder: Path, result: Result) -> None:
        assert result.exit_code == 1
        assert "02_breaks.ipynb … FAILED in cell 2: ZeroDivisionError: division by zero" in result.output
        broken = (folder / "pages" / "02_breaks.html").read_text()
        assert "ZeroDivisionError" in broken
        assert "after that" not in broken
        assert "never- and no more" in (folder / "pages" / "03_secret.html").read_text()

    def test_what_was_fetched_is_summed_up_by_table(self, result: Result) -> None:
        assert re.search(r"^contacts +10 +2 +\d+\.\d\d$", result.output, re.MULTILINE)

    def test_pages_show_figures_with_one_copy_of_plotly_for_all(self, folder: Path, page: str) -> None:
        assert page.count("Plotly.newPlot(") == 2
        assert page.count('<script src="plotly.min.js">') == 1
        assert "* plotly.js v" in (folder / "pages" / "plotly.min.js").read_text()
        assert "plotly.min.js" not in (folder / "pages" / "03_secret.html").read_text()

    def test_a_page_loads_nothing(self, page: str) -> None:
        loading = r"<(?:script|link|img|iframe|source)\b[^>]*?\b(?:src|href)\s*=\s*[\"']?(?:https?:)?//[^>]*>"
        assert re.findall(loading, page) == []
        assert re.findall(r"@import|url\([\"']?(?:https?:)?//", _styles(page)) == []

    def test_a_page_is_called_as_its_first_heading(self, page: str) -> None:
        assert "<title>How many &amp; when</title>" in page

    def test_no_page_holds_the_token(self, folder: Path, result: Result) -> None:
        pages = list((folder / "pages").iterdir())
        assert {page.name for page in pages} >= {"01_figures.html", "02_breaks.html", "03_secret.html"}
        assert not any("never-to-be-shown" in page.read_text() for page in pages)
        assert "never-to-be-shown" not in result.output

    @pytest.mark.usefixtures("result")
    def test_notebooks_see_no_credentials_of_the_user(self, folder: Path) -> None:
        assert "home of the user: False" in (folder / "pages" / "03_secret.html").read_text()

    def test_an_index_links_the_pages(self, folder: Path, result: Result) -> None:
        index = (folder / "pages" / "index.html").read_text()
        assert '<a href="01_figures.html">How many &amp; when</a>' in index
        assert str(folder / "pages" / "index.html") in result.output


class TestInterrupt:
    def test_the_sandbox_ends_quietly_on_ctrl_c(self) -> None:
        with start("sandbox", "--port", "0", "--conversations", "10") as running:
            assert running.stdout.readline().startswith("http://127.0.0.1:")
            assert running.stdout.readline().startswith("token: ")
            assert interrupt(running) == (0, "")

    def test_the_demo_ends_quietly_on_ctrl_c(self, tmp_path: Path) -> None:
        write(tmp_path / "01_slow.ipynb", "import time; time.sleep(100)")
        with start("demo", "--notebooks", str(tmp_path), "--output", str(tmp_path / "pages")) as running:
            assert running.stdout.read(len("01_slow.ipynb …")) == "01_slow.ipynb …"
            assert interrupt(running) == (130, "")


def start(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "intercom_kit.cli", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def interrupt(running: subprocess.Popen[str]) -> tuple[int, str]:
    """Press Ctrl-C; the answer is the exit code and what was complained of."""
    running.send_signal(signal.SIGINT)
    _, complaint = running.communicate(timeout=60)
    return running.returncode, complaint


def _styles(page: str) -> str:
    return "".join(re.findall(r"<style.*?</style>", page, re.DOTALL))


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> Iterator[sandbox.Sandbox]:
    """A sandbox that the environment names."""
    with sandbox.serve(conversations=60, contacts=20, companies=5) as running:
        monkeypatch.setenv("INTERCOM_ACCESS_TOKEN", running.token)
        monkeypatch.setenv("INTERCOM_BASE_URL", running.base_url)
        yield running


def test_metric_without_a_name_lists_the_metrics() -> None:
    assert "first_response_time" in run("metric").output


def test_metric_prints_rows_that_other_programs_read(connected: sandbox.Sandbox) -> None:
    result = run("metric", "conversations", "--by", "channel", "--since", "300d", "--csv", "--where", "channel=email")
    assert result.exit_code == 0
    frame = pd.read_csv(io.StringIO(result.output))
    assert frame.columns.tolist() == ["channel", "value", "n"]
    assert frame["channel"].tolist() == ["email"]


def test_metric_says_what_its_number_is(connected: sandbox.Sandbox) -> None:
    assert "Customer satisfaction (intercom)" in run("metric", "csat", "--since", "300d", "--compare").output


def test_metric_takes_the_steps_of_a_funnel_and_whom_it_asks_about(connected: sandbox.Sandbox) -> None:
    steps = ("--steps", "logged-in,created-project", "--window", "30d", "--contacts", "role=lead")
    result = run("metric", "funnel", *steps, "--since", "60d", "--csv")
    assert result.exit_code == 0, result.output
    assert pd.read_csv(io.StringIO(result.output))["event"].tolist() == ["logged-in", "created-project"]


def test_metric_takes_office_hours_as_text(connected: sandbox.Sandbox) -> None:
    hours = "Europe/Dublin Mon-Thu 09:00-17:00, Fri 09:00-15:00; 12-25"
    result = run("metric", "time_to_close", "--definition", "office", "--hours", hours, "--since", "300d")
    assert result.exit_code == 0, result.output
    assert "office hours of Europe/Dublin, Mon-Thu 09:00-17:00, Fri 09:00-15:00 and 1 other day" in result.output


def test_metric_takes_no_more_requests_than_it_may(connected: sandbox.Sandbox) -> None:
    result = run("metric", "feature_adoption", "--contacts", "all", "--max-requests", "3")
    assert result.exit_code == 1
    assert "max_requests=3" in result.output


def test_metric_explains_itself_in_sql(connected: sandbox.Sandbox) -> None:
    assert "select * from conversations" in run("metric", "csat", "--explain").output


def test_metric_says_which_metrics_there_are(connected: sandbox.Sandbox) -> None:
    result = run("metric", "csats")
    assert result.exit_code == 1
    assert "did you mean 'csat'?" in result.output
    assert run("metric", "csat", "--where", "email").exit_code == 2


def test_sql_prints_rows_that_other_programs_read(connected: sandbox.Sandbox) -> None:
    result = run("sql", "select state, count(*) as n from conversations group by 1 order by 1", "--csv")
    assert pd.read_csv(io.StringIO(result.output)).columns.tolist() == ["state", "n"]


def test_sql_says_under_its_rows_what_they_are(connected: sandbox.Sandbox) -> None:
    assert "query: 1 row · complete" in run("sql", "select count(*) from teams").output


def test_sql_is_read_from_standard_input(connected: sandbox.Sandbox) -> None:
    assert run("sql", "-", "--csv", typed="select 7 as seven").output == "seven\n7\n"


def test_sql_plans_without_asking(connected: sandbox.Sandbox) -> None:
    result = run("sql", "select * from conversations where state = 'open'", "--plan", "--csv")
    assert pd.read_csv(io.StringIO(result.output))["table"].tolist() == ["conversations"]


def test_sql_refuses_tables_that_need_keys_unless_they_are_allowed_whole(connected: sandbox.Sandbox) -> None:
    query = "select count(*) as n from contact_tags"
    assert "only for a given contact" in run("sql", query).output
    assert run("sql", query, "--whole", "contact_tags").exit_code == 0


def test_a_made_up_workspace_answers_without_an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("INTERCOM_BASE_URL", raising=False)
    result = run("sql", "select count(*) > 1000 as many from conversations", "--demo", "--csv")
    assert result.output == "many\nTrue\n"
