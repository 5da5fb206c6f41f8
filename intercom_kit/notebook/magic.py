"""`%%intercom`: a cell of SQL over live Intercom, offered by `%load_ext intercom_kit`."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from keyword import iskeyword
from typing import Any

import pandas as pd
from IPython.core.completer import Matcher
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import no_var_expand

from intercom_kit.errors import BadQueryError, BadRequestError, IntercomError, NotConnectedError
from intercom_kit.lake.opened import Lake
from intercom_kit.notebook import calls, completion
from intercom_kit.sql.guard import parameters_of
from intercom_kit.verbs.own_tables import with_argument
from intercom_kit.workspace import Workspace

USAGE = """Answer SQL over live Intercom, as `ws.sql` does, or over a lake.

    %%intercom
    select state, count(*) as n from conversations where created_at > now() - interval 7 day group by state

Options, at the beginning of the first line, before any SQL:

    name <<              assign the result to a variable, and show only its receipt
    --ws NAME            query this workspace; ws by default
    --lake NAME          query this lake instead, as `lake.sql` does; Intercom is not asked
    --frames a,b         make these DataFrames of yours available to the query
    --whole a,b          allow these tables, which need a request per key, to be read completely
    --plan               show what would be requested from Intercom, and send nothing
    --max-requests N, --timeout SECONDS, --fresh live|session|refetch    as for ws.sql

`$name` in the SQL is your variable of that name. `frame = %intercom select …` is the same in one line.
"""

_VALUES: dict[str, Callable[[str], Any]] = {
    "ws": str,
    "lake": str,
    "frames": str,
    "whole": str,
    "max-requests": int,
    "timeout": float,
    "fresh": str,
}
# The options that say how Intercom is asked.
_LIVE = ("ws", "whole", "max-requests", "fresh")
_KEPT = re.compile(r"\s*(\w+)\s*<<")
_OPTION = re.compile(rf"\s*--(?:({'|'.join(_VALUES)})(?:\s*=\s*|\s+)([^\s=]+)|(plan))(?!\S)")
_UNKNOWN = re.compile(r"\s*--[\w-]+")


@dataclass
class Cell:
    """The SQL of a cell, and the options of its first line."""

    query: str
    keep: str = ""
    plan: bool = False
    options: dict[str, Any] = field(default_factory=dict)


def load(shell: InteractiveShell) -> None:
    """Register the magic, and the completion of names in its cells."""

    @no_var_expand  # in SQL, $name and {…} mean something else
    def intercom(line: str, cell: str | None = None) -> pd.DataFrame | None:
        try:
            return _answer(shell, _read(line, cell))
        except IntercomError as error:
            # IPython shows the message in place of the traceback, which would not help.
            lines = [f"{type(error).__name__}: {error}"]
            error._render_traceback_ = lambda: lines  # type: ignore[method-assign]
            raise

    intercom.__doc__ = USAGE
    shell.magics_manager.register_function(intercom, "line_cell", "intercom")
    offer(shell, completion.complete, calls.complete)


def offer(shell: InteractiveShell, *matchers: Matcher) -> None:
    """Complete by these, which may be offered already."""
    custom = shell.Completer.custom_matchers
    custom += [matcher for matcher in matchers if matcher not in custom]


def unload(shell: InteractiveShell) -> None:
    """Remove the completion; IPython cannot unregister magics."""
    ours, custom = (completion.complete, calls.complete), shell.Completer.custom_matchers
    custom[:] = [matcher for matcher in custom if matcher not in ours]


def _read(line: str, body: str | None) -> Cell:
    """Read the options of the first line, and the SQL, which may continue in the lines below."""
    cell = Cell("")
    while True:
        if kept := _KEPT.match(line):
            cell.keep, line = kept[1], line[kept.end() :]
        elif option := _OPTION.match(line):
            name, value, _ = option.groups()
            cell.plan |= name is None
            if name:
                cell.options[name] = _value(name, value)
            line = line[option.end() :]
        else:
            break
    if unknown := _UNKNOWN.match(line):
        raise BadRequestError(
            f"%%intercom has no option {unknown[0].strip()} of this form: its options are name <<, --plan, and "
            f"{', '.join(f'--{name} …' for name in _VALUES)}; %%intercom? explains them."
        )
    if cell.keep and (not cell.keep.isidentifier() or iskeyword(cell.keep)):
        raise BadRequestError(f"An answer cannot be kept as {cell.keep!r}: choose a name that Python takes.")
    cell.query = line if body is None else f"{line}\n{body}" if line.strip() else body
    return cell


def _value(name: str, value: str) -> Any:
    try:
        return _VALUES[name](value)
    except ValueError:
        raise BadRequestError(f"--{name} takes a number, not {value!r}.") from None


def _answer(shell: InteractiveShell, cell: Cell) -> pd.DataFrame | None:
    names, options = shell.user_ns, dict(cell.options)
    source = _lake(names, cell) if "lake" in options else _workspace(names, options.pop("ws", "ws"))
    options.pop("lake", None)
    frames = {name: _frame(names, name) for name in options.pop("frames", "").split(",") if name}
    parameters = {name: _variable(names, name) for name in parameters_of(cell.query)} or None
    if "whole" in options:
        options["whole"] = [name for name in options["whole"].split(",") if name]
    try:
        if cell.plan and isinstance(source, Workspace):
            answer = source.plan(cell.query, parameters, frames=frames, whole=options.get("whole", ()))
        else:
            arguments = {name.replace("-", "_"): value for name, value in options.items()}
            answer = source.sql(cell.query, parameters, frames=frames, **arguments)
    except BadQueryError as error:
        if isinstance(names.get(error.missing), pd.DataFrame):
            raise with_argument(error, f"--frames {','.join([*frames, error.missing])}") from None
        raise
    if not cell.keep:
        return answer
    shell.push({cell.keep: answer})  # type: ignore[no-untyped-call]
    print(getattr(answer, "receipt", f"{len(answer)} rows"))
    return None


def _workspace(names: dict[str, Any], name: str) -> Workspace:
    """Return a workspace from the user's variables."""
    found = names.get(name)
    if isinstance(found, Workspace):
        return found
    others = sorted(other for other, value in names.items() if isinstance(value, Workspace) and other[0] != "_")
    hint = f"name one that is there, as in --ws {others[0]}" if others else f"{name} = intercom_kit.connect() makes one"
    raise NotConnectedError(f"There is no workspace called {name}: {hint}, or {name} = intercom_kit.demo() to try.")


def _lake(names: dict[str, Any], cell: Cell) -> Lake:
    """Return a lake from the user's variables."""
    if others := [f"--{name}" for name in cell.options if name in _LIVE] + ["--plan"] * cell.plan:
        raise BadRequestError(f"--lake asks Intercom for nothing: leave {' and '.join(others)} out.")
    found = names.get(name := cell.options["lake"])
    if isinstance(found, Lake):
        return found
    others = sorted(other for other, value in names.items() if isinstance(value, Lake) and other[0] != "_")
    hint = f"name one that is there, as in --lake {others[0]}" if others else f"{name} = ik.open(folder) opens one"
    raise BadRequestError(f"There is no lake called {name}: {hint}.")


def _frame(names: dict[str, Any], name: str) -> pd.DataFrame:
    if isinstance(found := names.get(name), pd.DataFrame):
        return found
    raise BadRequestError(f"--frames names {name}, which is no DataFrame here: name your own, as in --frames a,b.")


def _variable(names: dict[str, Any], name: str) -> Any:
    if name in names:
        return names[name]
    raise BadRequestError(f"The query names ${name}, and there is no variable {name}: give it a value first.")
