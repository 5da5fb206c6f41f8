"""The numbers of a page beside those of the page before, as HTML."""

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from intercom_kit.notebook.pages.numbers import identity
from intercom_kit.numbers.names import heading, spelled
from intercom_kit.numbers.quantities import written

_FORM = 1  # of the file
_HEADS = ("number", "then", "now", "change", "is it clear")

_Number = Mapping[str, Any]
_Pair = tuple[_Number, _Number]  # then and now


def kept(name: str, made: str, numbers: list[dict[str, Any]]) -> str:
    """Return the file that a page leaves beside it for the next one."""
    return json.dumps({"form": _FORM, "page": name, "made": made, "numbers": numbers}, indent=1, ensure_ascii=False)


def changes(file: Path, numbers: list[dict[str, Any]]) -> str:
    """Return the numbers beside those that the last page left in a file, or a sentence where it left none."""
    try:
        last = json.loads(file.read_text(encoding="utf-8"))
        before = {identity(each): each for each in last["numbers"] if last["form"] == _FORM}
        return _compared(escape(str(last["made"])), before, numbers)
    except FileNotFoundError:
        return "<p>This is the first page: there is none to compare it with.</p>"
    except (OSError, ValueError, KeyError, TypeError):
        return f"<p>The numbers of the last page, in {escape(file.name)}, cannot be read: this page begins anew.</p>"


def _compared(made: str, before: Mapping[Any, _Number], numbers: list[dict[str, Any]]) -> str:
    both = [(before[identity(each)], each) for each in numbers if identity(each) in before]
    known = [(then, now) for then, now in both if then["value"] is not None and now["value"] is not None]
    rows: list[_Pair] = [(then, now) for then, now in known if then["value"] != now["value"]]
    rows.sort(key=lambda pair: not _is_clear(*pair))
    new = len(numbers) - len(both)
    words = f"Compared with the page made on {made}: {len(rows)} of {len(known)} numbers are others"
    words += f", and {new} {'is' if new == 1 else 'are'} new." if new else "."
    return f"<p>{words}</p>{_tables(rows)}"


def _tables(rows: list[_Pair]) -> str:
    """Return the changes that matter as a table, and the others behind a line."""
    first = [pair for pair in rows if _is_clear(*pair) or not pair[1]["groups"]]
    others = [pair for pair in rows if pair not in first]
    clear = '<p class="small">A change is clear where neither number lies in the other\'s 95 % interval.</p>'
    folded = f"<details><summary>By group: {len(others)} others</summary>{_table(others)}</details>"
    return (_table(first) + clear if first else "") + (folded if others else "")


def _table(rows: list[_Pair]) -> str:
    head = "".join(f"<th>{each}</th>" for each in _HEADS)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in _row(*pair))}</tr>" for pair in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _row(then: _Number, now: _Number) -> tuple[str, ...]:
    groups = [spelled(key, name) if name else f"no {heading(key)}" for key, name in now["groups"].items()]
    filters = [f"{name} {value}" for name, value in now["filters"].items()]
    change = (now["value"] - then["value"]) / abs(then["value"]) if then["value"] else None
    return (
        ", ".join([now["title"], *groups, *filters]),
        written(then["value"], then["unit"]),
        written(now["value"], now["unit"]),
        "" if change is None else f"{change:+.0%}",
        "clear" if _is_clear(then, now) else "",
    )


def _is_clear(then: _Number, now: _Number) -> bool:
    return all(
        one["low"] is not None and one["high"] is not None and not one["low"] <= other["value"] <= one["high"]
        for one, other in ((then, now), (now, then))
    )
