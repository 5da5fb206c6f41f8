"""`%%intercom`: a cell of SQL over live Intercom, offered by `%load_ext intercom_kit`."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from keyword import iskeyword
from typing import Any

import pandas as pd
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import no_var_expand

from intercom_kit.errors import BadRequestError, IntercomError, NotConnectedError
from intercom_kit.notebook.completion import complete
from intercom_kit.sql.guard import parameters_of
from intercom_kit.workspace import Workspace

USAGE = """Answer SQL over live Intercom, as `ws.sql` does.

    %%intercom
    select state, count(*) as n from conversations where created_at > now() - interval 7 day group by state

In the first line may stand, before any SQL:

    name <<              keep the answer under a name, and show only its receipt
    --ws NAME            ask this workspace; else the one called ws
    --frames a,b         let the query name these DataFrames of yours
    --whole a,b          ask for all rows of these tables, which are asked for by keys
    --plan               show what would be asked of Intercom, and ask nothing
    --max-requests N, --timeout SECONDS, --fresh live|session|refetch    as for ws.sql

`$name` in the SQL is your variable of that name. `frame = %intercom select …` is the same in one line.
"""

_VALUES: dict[str, Callable[[str], Any]] = {
    "ws": str,
    "frames": str,
    "whole": str,
    "max-requests": int,
    "timeout": float,
    "fresh": str,
}
_KEPT = re.compile(r"\s*(\w+)\s*<<")
_OPTION = re.compile(rf"\s*--(?:({'|'.join(_VALUES)})(?:\s*=\s*|\s+)([^\s=]+)|(plan))(?!\S)")
_UNKNOWN = re.compile(r"\s*--[\w-]+")


@dataclass
class Asked:
    """What a cell asks: SQL, and what its first line says of it."""

    query: str
    keep: str = ""
    plan: bool = False
    options: dict[str, Any] = field(default_factory=dict)


def load(shell: InteractiveShell) -> None:
    """Offer the magic, and complete names in its cells."""

    @no_var_expand  # in SQL, $name and {…} mean something else
    def intercom(line: str, cell: str | None = None) -> pd.DataFrame | None:
        try:
            return _answer(shell, _read(line, cell))
        except IntercomError as error:
            # IPython shows this in place of the traceback: the sentence alone, since all of the cell led here.
            said = [f"{type(error).__name__}: {error}"]
            error._render_traceback_ = lambda: said  # type: ignore[method-assign]
            raise

    intercom.__doc__ = USAGE
    shell.magics_manager.register_function(intercom, "line_cell", "intercom")
    unload(shell)
    shell.Completer.custom_matchers.append(complete)


def unload(shell: InteractiveShell) -> None:
    """Complete names no more; IPython itself keeps magics."""
    matchers = shell.Completer.custom_matchers
    matchers[:] = [matcher for matcher in matchers if matcher is not complete]


def _read(line: str, cell: str | None) -> Asked:
    """Read the first line up to its SQL, which may go on in the lines below."""
    asked = Asked("")
    while True:
        if kept := _KEPT.match(line):
            asked.keep, line = kept[1], line[kept.end() :]
        elif option := _OPTION.match(line):
            name, value, _ = option.groups()
            asked.plan |= name is None
            if name:
                asked.options[name] = _value(name, value)
            line = line[option.end() :]
        else:
            break
    if unknown := _UNKNOWN.match(line):
        raise BadRequestError(
            f"%%intercom cannot take {unknown[0].strip()} so: what it takes is name <<, --plan, and "
            f"{', '.join(f'--{name} …' for name in _VALUES)}; %%intercom? tells more."
        )
    if asked.keep and (not asked.keep.isidentifier() or iskeyword(asked.keep)):
        raise BadRequestError(f"An answer cannot be kept as {asked.keep!r}: choose a name that Python takes.")
    asked.query = line if cell is None else f"{line}\n{cell}" if line.strip() else cell
    return asked


def _value(name: str, value: str) -> Any:
    try:
        return _VALUES[name](value)
    except ValueError:
        raise BadRequestError(f"--{name} takes a number, not {value!r}.") from None


def _answer(shell: InteractiveShell, asked: Asked) -> pd.DataFrame | None:
    names, options = shell.user_ns, dict(asked.options)
    workspace = _workspace(names, options.pop("ws", "ws"))
    frames = {name: _frame(names, name) for name in options.pop("frames", "").split(",") if name}
    whole = [name for name in options.pop("whole", "").split(",") if name]
    parameters = {name: _variable(names, name) for name in parameters_of(asked.query)} or None
    if asked.plan:
        answer = workspace.plan(asked.query, parameters, frames=frames, whole=whole)
    else:
        arguments = {name.replace("-", "_"): value for name, value in options.items()}
        answer = workspace.sql(asked.query, parameters, frames=frames, whole=whole, **arguments)
    if not asked.keep:
        return answer
    shell.push({asked.keep: answer})  # type: ignore[no-untyped-call]
    print(getattr(answer, "receipt", f"{len(answer)} rows"))
    return None


def _workspace(names: dict[str, Any], name: str) -> Workspace:
    """Find a workspace among the user's variables."""
    found = names.get(name)
    if isinstance(found, Workspace):
        return found
    others = sorted(other for other, value in names.items() if isinstance(value, Workspace) and other[0] != "_")
    hint = f"name one that is there, as in --ws {others[0]}" if others else f"{name} = intercom_kit.connect() makes one"
    raise NotConnectedError(f"There is no workspace called {name}: {hint}, or {name} = intercom_kit.demo() for a try.")


def _frame(names: dict[str, Any], name: str) -> pd.DataFrame:
    if isinstance(found := names.get(name), pd.DataFrame):
        return found
    raise BadRequestError(f"--frames names {name}, which is no DataFrame here: name your own, as in --frames a,b.")


def _variable(names: dict[str, Any], name: str) -> Any:
    if name in names:
        return names[name]
    raise BadRequestError(f"The query names ${name}, and there is no variable {name}: give it a value first.")
