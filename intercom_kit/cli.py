"""The command line `intercom-kit`.

A command imports what it needs when it runs, so that `intercom-kit --help` is quick, and a missing extra matters only
to the commands that need it.
"""

import json
import sys
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from intercom_kit.auth import commands
from intercom_kit.console import Commands, print_frame, read_input, save_frame
from intercom_kit.mcp.command import mcp
from intercom_kit.notebook import commands as notebook_commands

if TYPE_CHECKING:
    from intercom_kit.lake.opened import Lake
    from intercom_kit.workspace import Workspace


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="intercom_kit", prog_name="intercom-kit")
def main() -> None:
    """Work with live Intercom data in JupyterLab."""


main.add_command(commands.login)
main.add_command(commands.status)
main.add_command(commands.logout)
main.add_command(mcp)
main.add_command(notebook_commands.demo)
main.add_command(notebook_commands.lab)
main.add_command(notebook_commands.report)

demo_option = click.option("--demo", is_flag=True, help="Use the demo workspace.")


@main.command(add_help_option=False, context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def sandbox(context: click.Context, arguments: tuple[str, ...]) -> None:
    """Serve a stand-in for Intercom until Ctrl-C."""
    from intercom_kit.sandbox.__main__ import main as program

    with program.make_context("sandbox", list(arguments), parent=context.parent) as own:
        program.invoke(own)


@main.command()
@click.argument("name", required=False)
@click.option("--by", multiple=True, help="Group by this, or by several, as team,channel.")
@click.option("--period", help="hour, day, week, month or quarter.")
@click.option("--since", help="Such as 90d, 2026-01-31 or monday.")
@click.option("--until", help="As --since, with the day or month that it names; without, up to now.")
@click.option("--during", help="Both at once, such as 2026-Q3 or 'last month'.")
@click.option("--timezone", help="Another clock than the workspace's, such as America/New_York.")
@click.option("--definition", help="intercom, office, calendar, dbt, or another that the metric has.")
@click.option("--compare", is_flag=True, help="Add the value of the period before.")
@click.option("--where", multiple=True, metavar="COLUMN=VALUE", help="Only what has this; may be given several times.")
@click.option("--contacts", metavar="WHO", help="Whose events: seen, users, all, or company=Acme.")
@click.option("--steps", metavar="EVENT,EVENT", help="The steps of a funnel, in order.")
@click.option("--hours", help="Office hours: the name of a schedule, or as text.")
@click.option("--window", help="How long a step of a funnel may take, such as 7d.")
@click.option("--max-requests", default=2_000, show_default=True, help="How many requests the metric may take.")
@click.option("--csv", is_flag=True, help="Print rows for other programs, and nothing else.")
@click.option("--explain", is_flag=True, help="Print the SQL instead.")
@demo_option
def metric(
    name: str | None,
    compare: bool,
    where: tuple[str, ...],
    contacts: str | None,
    steps: str | None,
    hours: str | None,
    window: str | None,
    max_requests: int,
    csv: bool,
    explain: bool,
    demo: bool,
    **asked: Any,
) -> None:
    """Work out a metric, or list them.

    NAME is asked of the connected workspace; without it, the metrics are listed, for which nothing need be connected.
    """
    from intercom_kit.metrics import list_metrics

    if name is None:
        for row in list_metrics().itertuples():
            click.echo(f"{row.name:<26}{row.question}")
        return
    filters: dict[str, Any] = _filters(where)
    if contacts:
        filters["contacts"] = dict([_filter(contacts)]) if "=" in contacts else contacts
    filters |= {"steps": steps.split(",")} if steps else {}
    filters |= {"hours": hours} if hours else {}
    filters |= {"window": window} if window else {}
    wanted = {
        **asked,
        **filters,
        "by": [each for several in asked["by"] for each in several.split(",")] or None,
        "compare": "previous" if compare else None,
    }
    with _workspace(demo) as workspace:
        if explain:
            click.echo(workspace.explain_metric(name, **wanted))
            return
        frame = workspace.metric(name, max_requests=max_requests, **wanted)
    print_frame(frame, csv)


@main.command()
@click.argument("query")
@click.option("--csv", is_flag=True, help="Print rows for other programs, and nothing else.")
@click.option("--plan", is_flag=True, help="Print what would be asked of Intercom instead.")
@click.option("--max-requests", default=2_000, show_default=True, help="How many requests the query may take.")
@click.option("--whole", multiple=True, metavar="TABLE", help="Allow one request per key for this table.")
@click.option("--lake", metavar="FOLDER", help="Read a lake that export wrote, and ask Intercom for nothing.")
@click.option("--out", metavar="FILE", help="Write a file instead, .csv, .parquet or .xlsx, and its receipt beside.")
@click.option("--live", is_flag=True, help="With --lake: ask Intercom for what the lake lacks, and what changed since.")
@demo_option
def sql(
    query: str,
    csv: bool,
    plan: bool,
    max_requests: int,
    whole: tuple[str, ...],
    lake: str | None,
    out: str | None,
    live: bool,
    demo: bool,
) -> None:
    """Answer one SELECT; a QUERY of - is read from input.

    It is asked of the connected workspace, of a lake, or of both.
    """
    if out is not None and (csv or plan):
        raise click.UsageError("Give --out without --csv and --plan: the name of the file says its format.")
    show = partial(print_frame, csv=csv) if out is None else partial(save_frame, path=out)
    query = read_input() if query == "-" else query
    if live and lake is None:
        raise click.UsageError("Give --live with --lake FOLDER: without a lake, every query is live.")
    if lake is not None and not live and (demo or plan or whole):
        raise click.UsageError("Give --lake without --demo, --plan and --whole, or with --live: it asks for nothing.")
    with ExitStack() as stack:
        opened = None if lake is None else stack.enter_context(_lake(lake))
        if opened is not None and not live:
            show(opened.sql(query))
            return
        workspace = stack.enter_context(_workspace(demo))
        if plan:
            print_frame(workspace.plan(query, whole=whole, lake=opened), csv)
        else:
            show(workspace.sql(query, max_requests=max_requests, whole=whole, lake=opened))


@main.command()
@click.argument("folder", type=click.Path(file_okay=False))
@click.option("--tables", default="all", show_default=True, help="Names of tables, as conversations,teams.")
@click.option("--since", help="Leave out what was created before: 365d, 2025-01-31.")
@click.option("--parts", is_flag=True, help="Also the parts of conversations: a request for each conversation.")
@click.option("--events", is_flag=True, help="Also the events of contacts: a request for each contact.")
@click.option("--max-requests", default=2_000, show_default=True, help="How many requests the export may take.")
@demo_option
def export(
    folder: str, tables: str, since: str | None, parts: bool, events: bool, max_requests: int, demo: bool
) -> None:
    """Write whole tables as a lake of Parquet files, or bring the lake in FOLDER up to date.

    After an interruption the same command goes on. What the lake holds is printed at the end.
    """
    with _workspace(demo) as workspace:
        names = [name.strip() for name in tables.split(",")]
        workspace.export(folder, names, since=since, parts=parts, events=events, max_requests=max_requests)
    with _lake(folder) as lake:
        print_frame(lake.held, csv=False)


@main.command()
@click.option("--profile", help="Name of the stored profile; without, the one that connect() takes.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON to be shared: it tells nothing of your workspace.")
@click.option("--yes", is_flag=True, help="Begin without asking.")
@click.option("--demo", is_flag=True, help="Check the demo workspace.")
def doctor(profile: str | None, as_json: bool, yes: bool, demo: bool) -> None:
    """Check by reading what Intercom's API does.

    Sources differ on some of it: what is documented, what others measured, and what the workspace shows stand side by
    side, with timings, limits, and what the token may not read. At most 40 requests are sent, and nothing is changed.
    """
    if demo and profile:
        raise click.UsageError("Give --demo or --profile, not both.")
    if not yes:
        _ask_to_begin()
    from intercom_kit.doctor.printed import printed
    from intercom_kit.doctor.report import MOST, shared

    with _workspace(demo, profile) as workspace:
        connecting = workspace.budget["requests"] or 0
        report = workspace.doctor(max_requests=max(1, MOST - connecting))
    click.echo(json.dumps(shared(report), indent=2, ensure_ascii=False) if as_json else printed(report))


def _ask_to_begin() -> None:
    """Ask whether to send requests; end where nobody can answer."""
    if not sys.stdin.isatty():
        raise click.UsageError("doctor asks before it begins, and here nobody can answer: give --yes to begin at once.")
    what = "This reads from the workspace with at most 40 requests, and changes nothing. Begin?"
    click.confirm(what, abort=True, err=True)


def _workspace(demo: bool, profile: str | None = None) -> "Workspace":
    """Connect to a stored workspace, or open the demo workspace."""
    from intercom_kit import connecting

    return connecting.demo() if demo else connecting.connect(profile=profile)


def _lake(folder: str) -> "Lake":
    """Open a lake."""
    from intercom_kit.lake.opened import open_lake

    return open_lake(folder)


def _filters(texts: tuple[str, ...]) -> dict[str, Any]:
    """Return filters by column; repeated columns match any of the values."""
    found: dict[str, list[str]] = {}
    for text in texts:
        name, value = _filter(text)
        found.setdefault(name, []).extend([value] if isinstance(value, str) else value)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _filter(text: str) -> tuple[str, str | list[str]]:
    """Read `column=value`, or `column=one,another` for any of several values."""
    column, equals, value = text.partition("=")
    if not equals:
        raise click.UsageError(f"--where {text} compares with nothing: give COLUMN=VALUE, such as channel=email.")
    return column, value.split(",") if "," in value else value


if __name__ == "__main__":
    main()
