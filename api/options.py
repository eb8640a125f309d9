"""What the modules of the command line share: the option for the data folder, and how a failure is said."""

from __future__ import annotations

from pathlib import Path

import click

DATA = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path, readable=False),
    envvar="PLAN_INDICATORS_DATA",
    default=Path("var"),
    show_default="$PLAN_INDICATORS_DATA, else ./var",
    help="Folder that holds snapshots and keys.",
)


class Failed(click.ClickException):
    """A failure: one clear line on standard error, exit status 1."""

    def show(self, file: object = None) -> None:
        click.echo(f"plan-indicators: {self.message}", err=True)
