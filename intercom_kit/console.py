"""A command line that fails in one sentence, ends quietly on Ctrl-C, and can print to any console."""

import codecs
import errno
import io
import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from intercom_kit.api.quoting import quoted, reason
from intercom_kit.auth import commands
from intercom_kit.errors import IntercomError

if TYPE_CHECKING:
    import pandas as pd

INTERRUPTED = 130  # the exit code of a program that Ctrl-C ended

DEBUG = "INTERCOM_KIT_DEBUG"

_LONGEST_NAME = 20  # letters, of a command
_UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)

# Replacements for characters that the console lacks, as on Windows.
_PLAIN = {"…": "...", "“": '"', "”": '"', "·": "-", "→": "->", "✓": "+"}


class Commands(click.Group):
    """A command group whose errors are one sentence, that ends quietly on Ctrl-C and prints to any console."""

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
        except OSError as error:  # from printing help, which click does before it invokes a command
            if os.environ.get(DEBUG) or not _is_of_files(error):
                raise
            _failed(error).show()
            sys.exit(1)
        finally:
            if not (arguments or options):  # a program is ending: Python would print a traceback on Ctrl-C
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
        """Find the command; a name that is too long may be a token, so the error does not quote it."""
        if arguments and len(arguments[0]) > _LONGEST_NAME:
            context.fail(f"There is no such command. There are: {', '.join(self.list_commands(context))}.")
        return super().resolve_command(context, arguments)


def _is_clicks_own(error: Exception) -> bool:
    """Return whether click itself handles an exception, such as that of a closed pipe."""
    broken_pipe = isinstance(error, OSError) and error.errno == errno.EPIPE
    return broken_pipe or isinstance(error, click.ClickException | click.exceptions.Exit | click.Abort)


def _open_what_is_closed() -> None:
    """Open the null device for input and output that were closed when the program began, as by `>&-`."""
    sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115 - for as long as it runs
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115


def _is_of_files(error: OSError) -> bool:
    """Return whether an error is about opening or writing a file, and not, for example, about a port."""
    return bool(error.filename) or error.errno in _UNWRITABLE


def _failed(error: OSError) -> click.ClickException:
    """Return the error to show if a file cannot be opened or written; only the former have a file name."""
    if error.filename:
        what = f"{quoted(error.filename)} cannot be opened"
    else:
        what = "The output could not be written"
        _give_up_output()
    return click.ClickException(f"{what}: {error.strerror}. Make room, or name another place, and run it again.")


def _give_up_output() -> None:
    """Discard further output: Python would print a traceback if it could not flush the rest at exit."""
    with suppress(OSError):
        output, nowhere = sys.stdout.fileno(), os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, output)
        os.close(nowhere)


def _innermost(error: Exception) -> Exception:
    """Return the only exception in nested exception groups; a group of several stays."""
    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


def _plain(error: UnicodeError) -> tuple[str, int]:
    """Replace characters that the console cannot show."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    return "".join(_PLAIN.get(each, each.encode("ascii", "backslashreplace").decode()) for each in missing), error.end


def read_input() -> str:
    """Read piped input: in UTF-8, in UTF-16 with a byte order mark as on Windows, or in the console's encoding."""
    given = sys.stdin.buffer.read()
    marked = given.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return given.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError:
        return given.decode(sys.stdin.encoding, errors="replace")


def save_frame(frame: "pd.DataFrame", path: str) -> None:
    """Write a frame to a file and its receipt beside it, and print where they are, with the receipt."""
    written = frame.save(path)  # type: ignore[operator]  # of our own frames
    click.echo("\n".join([*map(str, written), str(getattr(frame, "receipt", ""))]))


def print_frame(frame: "pd.DataFrame", csv: bool) -> None:
    """Print a frame with its receipt, or as CSV, which is piped in UTF-8 whatever the console's encoding."""
    if csv:
        rows = frame.to_csv(index=False, lineterminator="\n")
        click.echo(rows if sys.stdout.isatty() else rows.encode(errors="replace"), nl=False)
        return
    click.echo("\n".join(filter(None, [frame.to_string(), getattr(frame, "receipt", "")])))
