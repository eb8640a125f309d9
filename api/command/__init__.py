"""The command line: the one place that knows both halves."""

from __future__ import annotations

import click

from api.command import catalogue, documents, export, keys, publication, server, snapshots
from api.command.options import Commands, failing


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="plan-indicators")
def main() -> None:
    """Plan indicators of China's counties, cities and provinces: read documents, publish them, serve them.

    A first run: `plan-indicators load` publishes the bundled seeds, `plan-indicators serve` answers on
    http://127.0.0.1:8000, `plan-indicators load report.txt` adds a document of your own.

    Exit status: 0 on success, 1 on a failure, 2 on wrong usage.
    """
    from loaders import bounds

    with failing(bounds.Invalid):
        bounds.read()


for _command in (
    publication.load,
    server.serve,
    export.export,
    documents.text,
    documents.audit,
    documents.explain,
    documents.evaluate,
    snapshots.snapshots,
    catalogue.catalogue,
    keys.keys,
):
    main.add_command(_command)
