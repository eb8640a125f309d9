"""A published snapshot becomes proposals for the catalogue: `catalogue`."""

from __future__ import annotations

from pathlib import Path

import click

from api.command.options import DATA, failing


@click.group()
def catalogue() -> None:
    """The indicator catalogue: which names of documents it lacks."""


@catalogue.command()
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 1_000_000), help="How many names.")
@DATA
def suggest(limit: int, data: Path) -> None:
    """Propose indicators for the names that the catalogue lacks; nothing is merged.

    Lists the unmapped names (u_...) of the current snapshot, the most used first, as tab-separated lines with a
    header: one line for each of up to three nearest indicators, or one without. Near is not the same: read, then
    write the name into seeds/aliases.csv, or an indicator of its own into seeds/indicators.csv, and load again.

    \b
    Columns:
      observations, documents    how many use the name
      id, name                   of the unmapped name
      candidate, candidate_name  an indicator of the catalogue, or empty where none is near
      similarity                 of the two names, 0 to 100; 100 where the name is known and only the unit does not fit
      units                      the units (or stances) of its values
      wording, quote             the documents' own names for it, and the first clause that states it

    \b
    Very near names only, one for each line:
      plan-indicators catalogue suggest --limit 1000 | awk -F'\\t' '$7 >= 85'
    """
    from loaders import suggest as suggesting
    from loaders.snapshot import NotPublished

    with failing(NotPublished):
        found = list(suggesting.unmapped(data, limit))
    click.echo("\t".join(suggesting.COLUMNS))
    for one in found:
        for line in suggesting.lines(one):
            click.echo(line)
