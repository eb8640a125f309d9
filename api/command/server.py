"""A published snapshot becomes a server: `serve`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from api.command import publication
from api.command.options import DATA, failing


class _Serve(click.Command):
    """Tells the settings in its help."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from api.settings import described

        with formatter.section("Settings"):
            formatter.write("\n".join(described()) + "\n")


@click.command(cls=_Serve)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes that answer.")
@DATA
def serve(host: str, port: int, workers: int, data: Path) -> None:
    """Serve the API; where nothing is published yet, publish the bundled seeds first.

    Settings come from environment variables, else from the file that PLAN_INDICATORS_SETTINGS names or settings.toml
    in the data folder, else from their defaults.
    """
    from api import serve as server
    from api import settings
    from loaders import bounds

    for variable in bounds.stated():  # the server reads no documents, and its settings know no such variable
        del os.environ[variable]

    def ready() -> None:
        shown = f"[{host}]" if ":" in host else host
        click.echo(f"serving http://{shown}:{port} (documentation at /docs)", err=True)

    with failing(settings.Invalid, server.Refused):
        chosen = settings.read(data=data)
        server.address(host, port)
        if server.unusable(chosen) is not None:
            publication.publish_first(data)
        server.run(chosen, host, port, workers, ready)
