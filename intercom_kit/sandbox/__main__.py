"""The sandbox's command line."""

import threading
from contextlib import suppress

import click

from intercom_kit.sandbox.behaviours import UnknownBehaviourError
from intercom_kit.sandbox.contents.loading import LoadError
from intercom_kit.sandbox.endpoints import FEATURES
from intercom_kit.sandbox.faults import KNOWN, UnknownFaultError, parse_fault
from intercom_kit.sandbox.rate_limit import DEFAULT_LIMIT
from intercom_kit.sandbox.server import REGIONS, Sandbox

FAULTS = "\b\nFaults: an HTTP status from 400 to 599, or\n" + "\n".join(
    f"  {name:21}{meaning}" for name, meaning in KNOWN.items()
)


@click.command(context_settings={"show_default": True}, epilog=FAULTS)
@click.option("--port", type=click.IntRange(0, 65_535), default=8080, help="Port on 127.0.0.1; 0 picks a free one.")
@click.option("--conversations", default=3_000, help="How many conversations to generate.")
@click.option("--contacts", default=800, help="How many contacts to generate.")
@click.option("--companies", default=120, help="How many companies to generate.")
@click.option("--days", default=365, help="Days of conversation history.")
@click.option("--tickets", default=0, help="How many tickets to generate, beside the conversations.")
@click.option("--seed", default=7, help="The same seed and --now give the same data.")
@click.option("--now", type=int, help="The sandbox's time in Unix seconds; the current hour by default.")
@click.option("--load", help="Folder whose contacts.json, conversations.json ... are served instead.")
@click.option("--region", type=click.Choice(REGIONS), default="us", help="The workspace's region.")
@click.option("--token", help="Access token to accept; a new one by default.")
@click.option("--latency", default=0.0, help="Minimum duration of a response, in seconds.")
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="NAME:RATE",
    help="Fault and the share of requests it affects, e.g. 500:0.02.",
)
@click.option(
    "--behaves",
    multiple=True,
    metavar="WORD",
    help="Behaviour where sources differ: documented, measured, NAME=CHOICE or OBJECT.NAME=CHOICE; later ones win.",
)
@click.option("--rate-limit", default=DEFAULT_LIMIT, help="Requests per window of 10 seconds.")
@click.option("--missing-scope", "missing_scopes", multiple=True, help="Scope the app lacks, e.g. read_conversations.")
@click.option(
    "--missing-feature",
    "missing_features",
    multiple=True,
    type=click.Choice(FEATURES),
    help="Feature that the workspace's plan lacks.",
)
@click.option("--plan-restricted", is_flag=True, help="Refuse conversations, as Intercom does without a subscription.")
def main(faults: tuple[str, ...], **options: object) -> None:
    """Serve a local stand-in for Intercom's API until Ctrl-C."""
    try:
        sandbox = Sandbox(faults=dict(map(parse_fault, faults)), **options)  # type: ignore[arg-type]
    except (LoadError, UnknownBehaviourError, UnknownFaultError, OSError) as error:
        raise click.ClickException(str(error)) from error
    with suppress(KeyboardInterrupt), sandbox:  # Ctrl-C is the normal way to stop
        click.echo(sandbox.base_url)
        click.echo(f"token: {sandbox.token}")
        click.echo(f"client_id: {sandbox.client_id}  client_secret: {sandbox.client_secret}")
        threading.Event().wait()


if __name__ == "__main__":
    main()
