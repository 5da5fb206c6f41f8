"""The commands `intercom-kit login`, `status` and `logout`."""

import os
import sys
import webbrowser
from typing import TYPE_CHECKING

import click

from intercom_kit.errors import IntercomError, LoginStateError

if TYPE_CHECKING:
    from collections.abc import Callable

    from intercom_kit.api.secret import Secret
    from intercom_kit.auth.credentials import Credential, OAuthClient

profile_option = click.option("--profile", envvar="INTERCOM_PROFILE", help="Name of the profile, one per workspace.")


class Discreet(click.Command):
    """A command that does not echo unexpected arguments: one may be a token."""

    def parse_args(self, context: click.Context, arguments: list[str]) -> list[str]:
        """Parse the arguments; refuse extra ones without quoting them."""
        allowed, context.allow_extra_args = context.allow_extra_args, True
        left = super().parse_args(context, arguments)
        context.allow_extra_args = allowed
        if left and not allowed and not context.resilient_parsing:
            context.fail(
                f"{context.info_name} got unexpected arguments, which are not repeated here, since one may be a "
                "secret. To enter a token, run intercom-kit login --token: it prompts without echoing, or reads "
                "standard input."
            )
        return left


@click.command(cls=Discreet)
@click.option("--token", "by_token", is_flag=True, help="Take an access token, from a hidden prompt or standard input.")
@click.option(
    "--paste", is_flag=True, help="Paste the URL of the page you end up on: for a browser on another machine."
)
@click.option("--browser/--no-browser", default=True, help="Open a browser, or only print the URL.")
@click.option("--region", envvar="INTERCOM_REGION", help="us, eu or au; found automatically by default.")
@click.option("--base-url", envvar="INTERCOM_BASE_URL", help="Address of a sandbox or a proxy.")
@click.option("--client-id", envvar="INTERCOM_CLIENT_ID", help="Your app's, from the Developer Hub.")
@click.option("--port", type=int, help="Port on which to wait for the browser, as registered with the app.")
@click.option("--https/--http", default=None, help="Scheme of the redirect URL; Intercom requires HTTPS.")
@click.option("--timeout", default=300.0, show_default=True, help="Seconds to wait for the browser.")
@profile_option
def login(
    by_token: bool,
    paste: bool,
    browser: bool,
    region: str | None,
    base_url: str | None,
    client_id: str | None,
    port: int | None,
    https: bool | None,
    timeout: float,
    profile: str | None,
) -> None:
    """Connect a workspace, and keep the credential as a profile.

    Intercom's page opens in a browser and asks for consent. This needs an app of yours in the Developer Hub, with
    https://127.0.0.1:8917/callback among its redirect URLs; its client secret is taken from INTERCOM_CLIENT_SECRET,
    the profile, or a hidden prompt. --token needs no OAuth: the app's access token does.
    """
    from intercom_kit.auth.login import begin
    from intercom_kit.auth.profiles import save

    if by_token:
        credential = _by_token(region, base_url)
    else:
        attempt = begin(
            _client(client_id, profile),
            region=region or "us",
            base_url=base_url,
            loopback=not paste,
            port=port,
            https=https,
            timeout=timeout,
        )
        click.echo(f"Allow the app to read your workspace on this page:\n\n{attempt.url}\n")
        if browser and not _opened(attempt.url):
            click.echo("No browser could be opened here: open the page yourself.")
        if attempt.receiving:
            click.echo("Waiting for the browser. If it runs on another machine, press Ctrl-C and use --paste.")
            credential = attempt.wait()
        else:
            click.echo(attempt.note or "The browser then lands on a page that may not load; that does not matter.")
            credential = _pasted(attempt.finish)
    saved = save(credential, name=profile)
    who = f" as {_plain(saved.admin)}" if saved.admin else ""
    click.echo(f"Connected to “{_plain(saved.workspace)}” ({saved.workspace_id}, region {saved.region or '?'}){who}.")
    click.echo(f"The profile {saved.name!r} is kept in {saved.kept}.")


@click.command(cls=Discreet)
@click.option("--check", "checking", is_flag=True, help="Ask Intercom whether each still works: one request each.")
def status(checking: bool) -> None:
    """List the stored profiles.

    A star marks the one that connect() uses by default. The exit code is 1 where nothing is connected, or a check
    fails.
    """
    from intercom_kit.auth.finding import WAYS
    from intercom_kit.auth.profiles import profiles

    lines: list[tuple[bool, str, str | None]] = []  # whether it is used, its line, and its profile
    by_environment = bool(os.environ.get("INTERCOM_ACCESS_TOKEN", "").strip())
    if by_environment:
        lines.append((True, "the token in INTERCOM_ACCESS_TOKEN, which overrides every profile", None))
    named = os.environ.get("INTERCOM_PROFILE")
    for each in profiles():
        used = not by_environment and (each.name == named if named else each.used)
        what = f"{each.name}: “{_plain(each.workspace)}” ({each.workspace_id}), region {each.region or '?'}"
        lines.append((used, f"{what}, {_plain(each.admin)}, since {each.since:%Y-%m-%d}, in {each.kept}", each.name))
    if not lines:
        raise click.ClickException(f"Not connected. {WAYS}")
    failed = False
    for used, line, name in lines:
        problem = _problem(name) if checking else None
        failed = failed or problem is not None
        checked = "" if not checking else f" · {problem}" if problem else " · works"
        click.echo(f"{'*' if used else ' '} {line}{checked}")
    if failed:
        raise click.exceptions.Exit(1)


@click.command(cls=Discreet)
@click.option("--revoke", is_flag=True, help="Also revoke the token, which uninstalls the app in Intercom.")
@profile_option
def logout(revoke: bool, profile: str | None) -> None:
    """Forget a profile: the named one, else the default."""
    from intercom_kit.auth.profiles import forget

    forgotten = forget(profile, revoke=revoke)
    click.echo(f"Forgot the profile {forgotten.name!r} of “{_plain(forgotten.workspace)}”.")
    if revoke:
        click.echo("Its token is revoked.")
    else:
        click.echo("Its token still works: revoke it with --revoke, or on the app's page in the Developer Hub.")
    if os.environ.get("INTERCOM_ACCESS_TOKEN"):
        click.echo("INTERCOM_ACCESS_TOKEN is still set, and still connects.")


def _opened(url: str) -> bool:
    """Open a page in the browser, and return whether that worked."""
    try:
        return webbrowser.open(url)
    except (webbrowser.Error, OSError):
        return False


def _by_token(region: str | None, base_url: str | None) -> "Credential":
    """Return a checked credential for a token from a hidden prompt or standard input."""
    from intercom_kit.auth.check import check
    from intercom_kit.auth.credentials import clean
    from intercom_kit.auth.finding import find

    return check(find(clean(_prompted("Access token")), region, base_url))


def _client(client_id: str | None, profile: str | None) -> "OAuthClient":
    """Return the app's client id and secret; prompt for the secret if only that is missing."""
    from intercom_kit.auth.finding import find_client

    try:
        return find_client(client_id, profile=profile)
    except IntercomError:
        if not client_id or not sys.stdin.isatty():
            raise
    return find_client(client_id, _prompted("Client secret"), profile)


def _prompted(what: str) -> "Secret":
    """Return a secret from a hidden prompt, or the first line of a pipe."""
    from intercom_kit.auth.credentials import hidden

    if not sys.stdin.isatty():
        return hidden(sys.stdin.buffer.readline().decode("utf-8-sig", errors="replace"))
    return hidden(click.prompt(f"{what} (not shown)", hide_input=True))


def _pasted(finish: "Callable[[str], Credential]") -> "Credential":
    """Prompt for the URL until it belongs to this login, and return the credential."""
    while True:
        try:
            return finish(click.prompt("Paste the complete URL of that page here"))
        except LoginStateError as error:
            click.echo(str(error), err=True)


def _problem(profile: str | None) -> str | None:
    """Return what is wrong with a profile, or with the environment's token; None if it works."""
    from intercom_kit.auth.check import check
    from intercom_kit.auth.finding import find

    try:
        check(find(profile=profile))
    except IntercomError as error:
        return _plain(str(error))
    return None


def _plain(text: str) -> str:
    """Replace control characters in Intercom's names, which could control the terminal."""
    return "".join(letter if letter.isprintable() else "�" for letter in text)
