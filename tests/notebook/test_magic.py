"""`%%intercom` answers SQL in a cell, keeps answers, reads variables, and completes names; in a real kernel, too."""

from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty
from typing import Any

import pandas as pd
import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from jupyter_client.blocking.client import BlockingKernelClient
from traitlets.config import Config

import intercom_kit as ik
from intercom_kit.sandbox import Sandbox

from .kernels import kernel_running, run_cell

Run = Callable[[str], Any]


@pytest.fixture
def shell(ws: ik.Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """IPython with the extension loaded, and a workspace called ws."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    made = InteractiveShell(config=Config(HistoryManager={"enabled": False}))
    made.user_ns["ws"] = ws
    assert made.extension_manager.load_extension("intercom_kit") is None
    yield made
    made.user_ns.clear()  # else IPython holds DuckDB's objects until the interpreter ends, which DuckDB complains of


@pytest.fixture
def run(shell: InteractiveShell) -> Run:
    """Run a cell; give its value, or raise what it raises."""

    def ran(cell: str) -> Any:
        done = shell.run_cell(cell)
        done.raise_error()
        return done.result

    return ran


def test_a_cell_is_a_query(run: Run, ws: ik.Workspace) -> None:
    frame = run("%%intercom\nselect id from contacts\nwhere role = 'lead' order by id")
    assert frame["id"].tolist() == ws.sql("select id from contacts where role = 'lead' order by id")["id"].tolist()


def test_sql_may_begin_in_the_first_line(run: Run) -> None:
    assert run("%%intercom select 1 as one,\n2 as two").columns.tolist() == ["one", "two"]


def test_a_line_is_a_query(run: Run, shell: InteractiveShell) -> None:
    run("frame = %intercom select 41 + 1 as it")
    assert shell.user_ns["frame"]["it"].tolist() == [42]


def test_an_answer_is_kept_and_its_receipt_shown(
    run: Run, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("%%intercom leads <<\nselect * from contacts where role = 'lead'") is None
    kept = shell.user_ns["leads"]
    assert kept.receipt in capsys.readouterr().out
    assert set(kept["role"]) == {"lead"}


def test_parameters_are_variables(run: Run, shell: InteractiveShell) -> None:
    shell.user_ns |= {"wanted": "lead", "days": 7, "none": None}
    frame = run("%%intercom\nselect distinct role, $days + 1 as n, $none as nothing from contacts where role = $wanted")
    assert frame.iloc[0, :2].tolist() == ["lead", 8]
    assert pd.isna(frame.iloc[0, 2])


def test_braces_and_dollars_are_left_to_sql(run: Run) -> None:
    frame = run("%intercom select {'a': 1}['a'] as it, $$text$$ as said")
    assert frame.iloc[0].tolist() == [1, "text"]


def test_only_named_frames_can_be_read(run: Run, shell: InteractiveShell) -> None:
    shell.user_ns |= {"mine": pd.DataFrame({"x": [1, 2]}), "yours": pd.DataFrame({"x": [2, 3]})}
    with pytest.raises(ik.BadQueryError, match="--frames mine makes your DataFrame of that name one"):
        run("%%intercom\nselect x from mine")
    assert run("%%intercom --frames mine,yours\nselect x from mine join yours using (x)")["x"].tolist() == [2]
    with pytest.raises(ik.BadQueryError, match="no table yours"):
        run("%%intercom --frames mine\nselect x from mine join yours using (x)")


def test_another_workspace_can_be_named(run: Run, shell: InteractiveShell, ws: ik.Workspace) -> None:
    shell.user_ns["other"] = ws
    del shell.user_ns["ws"]
    assert len(run("%%intercom --ws other\nselect 1")) == 1
    with pytest.raises(ik.NotConnectedError, match="no workspace called ws: name one that is there, as in --ws other"):
        run("%%intercom\nselect 1")


def test_a_lake_is_named_by_its_variable(run: Run, shell: InteractiveShell, ws: ik.Workspace, tmp_path: Path) -> None:
    ws.export(tmp_path / "lake", "teams")
    before = ws.budget["requests"]
    with ik.open(tmp_path / "lake") as lake:
        shell.user_ns |= {"mine": lake, "wanted": 3}
        assert len(run("%%intercom --lake mine\nselect * from teams limit $wanted")) == 3
        run("%%intercom kept << --lake=mine\nselect count(*) as n from teams")
        assert shell.user_ns["kept"].attrs["intercom"]["table"] == "lake"
        assert ws.budget["requests"] == before
        with pytest.raises(ik.BadQueryError, match="This lake has no tags"):
            run("%%intercom --lake mine\nselect * from tags")
        with pytest.raises(ik.BadRequestError, match="no lake called lake: name one that is there, as in --lake mine"):
            run("%%intercom --lake lake\nselect 1")
        for option in ("--plan", "--fresh session", "--whole events", "--max-requests 3", "--ws ws"):
            with pytest.raises(ik.BadRequestError, match=f"leave {option.split()[0]} out"):
                run(f"%%intercom --lake mine {option}\nselect 1")
    del shell.user_ns["mine"]
    with pytest.raises(ik.BadRequestError, match=r"no lake called mine: mine = ik\.open\(folder\) opens one"):
        run("%%intercom --lake mine\nselect 1")


def test_a_plan_asks_nothing_of_the_tables(run: Run, ws: ik.Workspace) -> None:
    ws.forget()
    fetches = len(ws.fetches)
    plan = run("%%intercom --plan\nselect * from conversations where state = 'open'")
    assert plan["table"].tolist() == ["conversations"]
    assert len(ws.fetches) == fetches


def test_bounds_are_those_of_ws_sql(run: Run) -> None:
    with pytest.raises(ik.QueryTimeoutError):
        run("%%intercom --timeout 0.2\nselect count(*) from range(100000000) a, range(1000) b where a.range = b.range")
    with pytest.raises(ik.BadQueryError, match="max_requests=1"):
        run("%%intercom --max-requests=1 --fresh refetch\nselect count(*) from conversations")


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("%%intercom\nselect emial\nfrom contacts", "no column emial (line 1, column 8): did you mean email?"),
        ("%%intercom --frame x\nselect 1", "has no option --frame of this form: its options are name <<, --plan"),
        ("%%intercom --timeout soon\nselect 1", "--timeout takes a number"),
        ("%%intercom --fresh never\nselect 1", "fresh"),
        ("%%intercom class <<\nselect 1", "choose a name"),
        ("%%intercom --frames nobody\nselect 1", "no DataFrame"),
        ("%%intercom\nselect $nobody", "no variable nobody"),
        ("%%intercom --ws x\nselect 1", "name one that is there, as in --ws ws"),
        ("%%intercom x <<\nselec 1", "Did you mean select?"),
    ],
)
def test_mistakes_are_one_sentence_without_a_traceback(
    shell: InteractiveShell, cell: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    done = shell.run_cell(cell)
    shown = capsys.readouterr().out
    assert isinstance(done.error_in_exec, ik.IntercomError)
    assert said in shown
    assert shown.startswith(type(done.error_in_exec).__name__)
    assert "Traceback" not in shown
    assert len(shown.splitlines()) == 1


def completions(shell: InteractiveShell, text: str) -> list[str]:
    """Complete at the bar, as front ends do."""
    place = text.index("|")
    with provisionalcompleter():
        return [each.text for each in shell.Completer.completions(text.replace("|", ""), place)]


def test_names_are_completed_in_the_magic_only(shell: InteractiveShell) -> None:
    assert completions(shell, "%%intercom\nselect * from conv|") == [
        "conversation_contacts",
        "conversation_parts",
        "conversation_tags",
        "conversation_team_responses",
        "conversations",
    ]
    assert completions(shell, "%%intercom x <<\nselect c.rat|\nfrom conversations c")[0].startswith("rating")
    assert completions(shell, "%intercom select * from seg|") == ["segments"]
    assert "conversations" not in completions(shell, "conv|")


def test_loading_twice_completes_once_and_unloading_ends_it(shell: InteractiveShell) -> None:
    shell.extension_manager.reload_extension("intercom_kit")
    assert completions(shell, "%%intercom\nselect * from seg|") == ["segments"]
    shell.extension_manager.unload_extension("intercom_kit")
    assert "segments" not in completions(shell, "%%intercom\nselect * from seg|")


@pytest.fixture
def kernel(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[BlockingKernelClient]:
    """A kernel of its own, as JupyterLab starts one, with a workspace and the extension."""
    monkeypatch.setenv("INTERCOM_BASE_URL", sandbox.base_url)
    monkeypatch.setenv("INTERCOM_ACCESS_TOKEN", sandbox.token)
    with kernel_running() as (_, client):
        yield client


def _outputs(client: BlockingKernelClient) -> list[dict[str, Any]]:
    """Take what was put out so far."""
    found = []
    while True:
        try:
            found.append(client.get_iopub_msg(timeout=2))
        except Empty:
            return found


def test_a_kernel_completes_answers_and_fails_shortly(kernel: BlockingKernelClient) -> None:
    cell = "%%intercom\nselect c.sta from conversations c"
    content = kernel.complete(cell, len("%%intercom\nselect c.sta"), reply=True, timeout=60)["content"]
    assert "state" in content["matches"]
    assert cell[content["cursor_start"] : content["cursor_end"]] == "sta"
    assert run_cell(kernel, "%%intercom few <<\nselect state from conversations limit 3")["status"] == "ok"
    assert run_cell(kernel, "assert len(few) == 3")["status"] == "ok"
    _outputs(kernel)
    reply = run_cell(kernel, "%%intercom\nselect stat from conversations")
    assert (reply["status"], reply["ename"]) == ("error", "BadQueryError")
    (error,) = [each["content"] for each in _outputs(kernel) if each["msg_type"] == "error"]
    assert len(error["traceback"]) == 1
    assert "did you mean state?" in error["traceback"][0]


def test_an_error_shows_the_lines_of_the_cell_that_led_to_it_and_what_to_do(kernel: BlockingKernelClient) -> None:
    run_cell(kernel, "import intercom_kit as ik\n\ndef begin():\n    ik.demo(conversation=5)\n\nbegin()")
    (error,) = [each["content"] for each in _outputs(kernel) if each["msg_type"] == "error"]
    assert error["traceback"] == [
        "line 6: begin()",
        "line 4: ik.demo(conversation=5)",
        "BadRequestError: demo() takes no 'conversation': did you mean 'conversations'?",
    ]
