"""Speak the command line: `intercom-kit`.

A command imports what it needs when it runs, so that `intercom-kit --help` is quick and a missing extra is no matter
to the others.
"""

import codecs
import errno
import io
import json
import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from intercom_kit.api.quoting import quoted, reason
from intercom_kit.auth import commands
from intercom_kit.errors import IntercomError
from intercom_kit.mcp.command import mcp
from intercom_kit.notebook import commands as notebook_commands

if TYPE_CHECKING:
    import pandas as pd

    from intercom_kit.workspace import Workspace

INTERRUPTED = 130  # what shells answer for a program that Ctrl-C ended


DEBUG = "INTERCOM_KIT_DEBUG"

_LONGEST_NAME = 20  # letters, of a command
_UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)

# What stands for letters that the console has not, as on Windows.
_PLAIN = {"…": "...", "“": '"', "”": '"', "·": "-", "→": "->", "✓": "+"}


class Commands(click.Group):
    """A group whose commands fail in one sentence, are interrupted quietly, and can print to any console."""

    command_class = commands.Discreet

    def main(self, *arguments: Any, **options: Any) -> Any:
        """Run as a program."""
        _open_what_is_closed()
        codecs.register_error("plain", _plain)
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="plain")
        try:
            return super().main(*arguments, **options)
        except OSError as error:  # of help and the like, which click prints before it invokes anything
            if os.environ.get(DEBUG) or not _is_of_files(error):
                raise
            _failed(error).show()
            sys.exit(1)
        finally:
            if not (arguments or options):  # it was a program's call: of Ctrl-C while that ends, Python would complain
                signal.signal(signal.SIGINT, signal.SIG_IGN)

    def invoke(self, context: click.Context) -> Any:
        """Run the chosen command."""
        try:
            return super().invoke(context)
        except IntercomError as error:
            raise click.ClickException(str(error)) from error
        except KeyboardInterrupt:
            raise click.exceptions.Exit(INTERRUPTED) from None
        except Exception as caught:
            unexpected = _innermost(caught)
            if os.environ.get(DEBUG):
                raise
            if _is_clicks_own(unexpected):
                raise unexpected from caught.__cause__
            if isinstance(unexpected, OSError) and _is_of_files(unexpected):
                raise _failed(unexpected) from unexpected
            raise click.ClickException(
                f"Something unexpected went wrong ({reason(unexpected)}). Set {DEBUG}=1 and run it again to see where."
            ) from unexpected

    def resolve_command(
        self, context: click.Context, arguments: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; what is too long for the name of one may be a token, and is not repeated."""
        if arguments and len(arguments[0]) > _LONGEST_NAME:
            context.fail(f"There is no such command. There are: {', '.join(self.list_commands(context))}.")
        return super().resolve_command(context, arguments)


def _is_clicks_own(error: Exception) -> bool:
    """Tell whether an exception is how click ends a command; so is one of a pipe that nobody reads any more."""
    broken_pipe = isinstance(error, OSError) and error.errno == errno.EPIPE
    return broken_pipe or isinstance(error, click.ClickException | click.exceptions.Exit | click.Abort)


def _open_what_is_closed() -> None:
    """Put nothing in the place of input and output that the program was begun without, as by `>&-`."""
    sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115 - for as long as it runs
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115


def _is_of_files(error: OSError) -> bool:
    """Tell whether a file could not be opened or written, and not, say, a port be had."""
    return bool(error.filename) or error.errno in _UNWRITABLE


def _failed(error: OSError) -> click.ClickException:
    """Say what the system would not do, such as write to a full disk; only errors of opening name a file."""
    if error.filename:
        what = f"{quoted(error.filename)} cannot be opened"
    else:
        what = "The output could not be written"
        _give_up_output()
    return click.ClickException(f"{what}: {error.strerror}. Make room, or name another place, and run it again.")


def _give_up_output() -> None:
    """Let output go nowhere from now on: else Python complains at its end of what it still has of it."""
    with suppress(OSError):
        output, nowhere = sys.stdout.fileno(), os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, output)
        os.close(nowhere)


def _innermost(error: Exception) -> Exception:
    """Return what went wrong where that alone did, in whatever group of tasks."""
    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


def _plain(error: UnicodeError) -> tuple[str, int]:
    """Spell out what a console cannot show."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    return "".join(_PLAIN.get(each, each.encode("ascii", "backslashreplace").decode()) for each in missing), error.end


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

demo_option = click.option("--demo", is_flag=True, help="Ask a made-up workspace, as a try.")


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
@click.option("--since", help="Such as 90d, 2026-01-31 or yesterday.")
@click.option("--until", help="As --since; without, up to now.")
@click.option("--definition", help="intercom, calendar, dbt, or another that the metric has.")
@click.option("--compare", is_flag=True, help="Add the value of the period before.")
@click.option("--where", multiple=True, metavar="COLUMN=VALUE", help="Only what has this; may be given several times.")
@click.option("--contacts", metavar="WHO", help="Whose events: seen, users, all, or company=Acme.")
@click.option("--steps", metavar="EVENT,EVENT", help="The steps of a funnel, in order.")
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
    _print(frame, csv)


@main.command()
@click.argument("query")
@click.option("--csv", is_flag=True, help="Print rows for other programs, and nothing else.")
@click.option("--plan", is_flag=True, help="Print what would be asked of Intercom instead.")
@click.option("--max-requests", default=2_000, show_default=True, help="How many requests the query may take.")
@click.option("--whole", multiple=True, metavar="TABLE", help="Ask for all rows of a table that is asked for by keys.")
@demo_option
def sql(query: str, csv: bool, plan: bool, max_requests: int, whole: tuple[str, ...], demo: bool) -> None:
    """Answer one SELECT; a QUERY of - is read from input.

    It is asked of the connected workspace.
    """
    query = _input() if query == "-" else query
    with _workspace(demo) as workspace:
        if plan:
            _print(workspace.plan(query, whole=whole), csv)
        else:
            _print(workspace.sql(query, max_requests=max_requests, whole=whole), csv)


@main.command()
@click.option("--profile", help="Name of the stored profile; without, the one that connect() takes.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON to be shared: it tells nothing of your workspace.")
@click.option("--yes", is_flag=True, help="Begin without asking.")
@click.option("--demo", is_flag=True, help="Check the demo workspace.")
def doctor(profile: str | None, as_json: bool, yes: bool, demo: bool) -> None:
    """Check by reading what Intercom's API does.

    Sources differ on some of it: what is documented, what others measured, and what the workspace shows stand side by
    side, with timings, limits, and what the token may not read. At most 30 requests are sent, and nothing is changed.
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
    what = "This reads from the workspace with at most 30 requests, and changes nothing. Begin?"
    click.confirm(what, abort=True, err=True)


def _workspace(made_up: bool, profile: str | None = None) -> "Workspace":
    """Connect to a stored workspace, or to a made-up one."""
    from intercom_kit import connecting

    return connecting.demo() if made_up else connecting.connect(profile=profile)


def _input() -> str:
    """Read what is piped in: in UTF-8, or in UTF-16 as Windows writes it, else as the console has it."""
    given = sys.stdin.buffer.read()
    marked = given.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return given.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError:
        return given.decode(sys.stdin.encoding, errors="replace")


def _print(frame: "pd.DataFrame", csv: bool) -> None:
    """Print a frame for people, under its receipt, or for programs, which get UTF-8 whatever the console has."""
    if csv:
        rows = frame.to_csv(index=False, lineterminator="\n")
        click.echo(rows if sys.stdout.isatty() else rows.encode(errors="replace"), nl=False)
        return
    click.echo("\n".join(filter(None, [frame.to_string(), getattr(frame, "receipt", "")])))


def _filters(texts: tuple[str, ...]) -> dict[str, Any]:
    """Read filters; what is given of one column is either."""
    found: dict[str, list[str]] = {}
    for text in texts:
        name, value = _filter(text)
        found.setdefault(name, []).extend([value] if isinstance(value, str) else value)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _filter(text: str) -> tuple[str, str | list[str]]:
    """Read `column=value`, or `column=one,another` for either."""
    column, equals, value = text.partition("=")
    if not equals:
        raise click.UsageError(f"--where {text} compares with nothing: give COLUMN=VALUE, such as channel=email.")
    return column, value.split(",") if "," in value else value


if __name__ == "__main__":
    main()
