"""The command `intercom-kit export`."""

from pathlib import Path

import click

from intercom_kit.console import print_frame


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--tables", default="all", show_default=True, help="Names of tables, as conversations,teams.")
@click.option("--since", help="Leave out what was created before: 365d, 2025-01-31.")
@click.option("--parts", is_flag=True, help="Also the parts of conversations: a request for each conversation.")
@click.option("--events", is_flag=True, help="Also the events of contacts: a request for each contact.")
@click.option("--max-requests", default=2_000, show_default=True, help="How many requests the export may take.")
@click.option("--demo", is_flag=True, help="Use the demo workspace.")
def export(
    folder: Path, tables: str, since: str | None, parts: bool, events: bool, max_requests: int, demo: bool
) -> None:
    """Write whole tables as a lake of Parquet files, or bring the lake in FOLDER up to date.

    After an interruption the same command goes on. What the lake holds is printed at the end.
    """
    from intercom_kit import connecting
    from intercom_kit.lake.opened import open_lake

    with connecting.demo() if demo else connecting.connect() as workspace:
        names = [name.strip() for name in tables.split(",")]
        workspace.export(folder, names, since=since, parts=parts, events=events, max_requests=max_requests)
    with open_lake(folder) as lake:
        print_frame(lake.held, csv=False)
