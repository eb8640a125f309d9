"""A data folder becomes the list of its snapshots, and another one current: `snapshots`."""

from __future__ import annotations

from pathlib import Path

import click

from api.command.options import DATA, failing


@click.group()
def snapshots() -> None:
    """What is published: list it, go back to an earlier state, delete old ones."""


@snapshots.command("list")
@DATA
def list_snapshots(data: Path) -> None:
    """List the snapshots that are kept, oldest first; the current one is marked."""
    from loaders import kept
    from loaders.snapshot import NotPublished

    with failing(NotPublished):
        found = kept.snapshots(data)
    if not found:
        click.echo("nothing is published yet", err=True)
    for name, size, is_current in found:
        click.echo("\t".join([name, f"{size / 1e6:.1f} MB", *(["current"] if is_current else [])]))


@snapshots.command("use")
@click.argument("snapshot")
@DATA
def use_snapshot(snapshot: str, data: Path) -> None:
    """Publish an earlier SNAPSHOT again."""
    from loaders import kept
    from loaders.snapshot import NotPublished

    with failing(NotPublished):
        kept.use(data, snapshot)
    click.echo(f"published snapshot {snapshot}")


@snapshots.command("prune")
@click.option("--keep", default=5, show_default=True, type=click.IntRange(1, 1000), help="How many stay.")
@DATA
def prune_snapshots(keep: int, data: Path) -> None:
    """Delete all but the newest snapshots; the current one and those of the last hour stay."""
    from loaders import kept
    from loaders.snapshot import NotPublished

    with failing(NotPublished):
        gone = kept.prune(data, keep)
    click.echo(f"deleted {len(gone)} snapshots" + "".join(f"\n{name}" for name in gone))
