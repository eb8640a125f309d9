"""Documents and seeds become a published snapshot: `load`, and what a first start needs."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from api.command.options import DATA, FILE, Failed, failing

if TYPE_CHECKING:
    from loaders.database import Loaded

T = TypeVar("T")
EVERY = 5  # seconds between two lines of progress where standard error is no terminal


class _Load(click.Command):
    """Tells the limits of reading in its help."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from loaders.bounds import described

        with formatter.section("Limits, the most that is read"):
            formatter.write("\n".join(described()) + "\n")


@click.command(cls=_Load)
@click.argument("paths", nargs=-1, type=FILE)
@click.option("--replace", is_flag=True, help="Publish these documents alone, without what was published before.")
@DATA
def load(paths: tuple[Path, ...], replace: bool, data: Path) -> None:
    """Read documents and publish them, with what is published already, as a new snapshot.

    PATHS are plan documents (.txt, .html, .docx, .xlsx, .pdf) or folders of them; without any, the bundled
    seeds are published.
    A document that is published already changes nothing. One that cannot be read is reported and left out,
    the others are published, and the exit status is 1; where none can be read, nothing is published.

    \b
    Each document is told on one line:
      figures   numbers in the text            observed  of these in the quote of an observation
      unmapped  names the catalogue lacks      unread    numbers that no rule could read
    """
    from loaders import archive, publication
    from loaders.snapshot import NotPublished

    failed = False
    if paths:
        loaded = []
        for read in _read_all(paths):
            if isinstance(read, str):
                failed = True
                click.echo(f"plan-indicators: {read}", file=sys.stderr)
                continue
            loaded.append(read[0])
            click.echo(read[1], file=sys.stdout)  # the bar's own while it is drawn: lines stand above it
        if not loaded:
            raise Failed("no document could be read; nothing is published")
    else:
        loaded = archive.read()
        for one in loaded:
            click.echo(_told(one.card.title, one))
    try:
        name = publication.publish(data, loaded, replace=replace, prepare=_prepare)
    except NotPublished as error:
        raise Failed(f"nothing is published: {error}") from error
    click.echo(f"published snapshot {name}" if name else "all of these are published already: nothing changed")
    if failed:
        sys.exit(1)


def _prepare(snapshot: Path) -> None:
    """Writes the exports of everything beside a snapshot that is about to be published."""
    from api import export, files
    from loaders.snapshot import NotPublished

    try:
        files.prepare(snapshot)
    except export.Refused as error:
        raise NotPublished(str(error)) from error


def _read(path: Path) -> tuple[Loaded, str] | str:
    """What a document states, with its line for the reader of the output."""
    from loaders import batch

    found = batch.read(path)
    return found if isinstance(found, str) else (found, _told(path.name, found))


def _read_all(paths: Iterable[Path]) -> Iterator[tuple[Loaded, str] | str]:
    """Each document of the paths, or the line that says why it cannot be read, with progress."""
    from loaders import batch, extract

    wanted: list[tuple[Path, str | None]] = []
    for path in paths:
        folder = batch.inside(path)
        if folder is not None:
            inside, refused = folder
            documents = [each for each in inside if each.suffix.lower() in extract.TRIED]
            if passed := len(inside) - len(documents):
                click.echo(f"{path}: {passed} files of other kinds passed over")
            wanted += [(path, reason) for reason in refused]
            if not documents and not refused:
                wanted.append((path, f"{path}: no documents in this folder; {', '.join(extract.SUFFIXES)} are read"))
            wanted += [(each, None) for each in documents]
        elif path.suffix.lower() not in extract.TRIED:
            missing = "" if path.exists() else "no such file, and "
            wanted.append((path, f"{path}: {missing}not a kind that is read ({', '.join(extract.SUFFIXES)})"))
        else:
            wanted.append((path, None))
    results = batch.read_all([path for path, reason in wanted if reason is None], _read)
    for _, reason in _shown(wanted):
        yield reason if reason is not None else next(results)[1]


def _shown(documents: Sequence[T]) -> Iterator[T]:
    """Each of many documents, with progress on standard error: a bar on a terminal, else a line now and then."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    if console.is_terminal and len(documents) > 1:
        # an output that goes elsewhere is not drawn into the terminal
        with Progress(console=console, transient=True, redirect_stdout=sys.stdout.isatty()) as bar:
            yield from bar.track(documents, description="reading")
        return
    told = time.monotonic()
    for done, one in enumerate(documents):
        if done and time.monotonic() - told >= EVERY:
            click.echo(f"plan-indicators: {done:,} of {len(documents):,} documents read", err=True)
            told = time.monotonic()
        yield one


def _told(name: str, one: Loaded) -> str:
    from loaders import observation

    unmapped = {each.name for each in one.statements if observation.named(each) is None}
    repaired = sum(one.card.quality.values())
    return (
        f"{name}: region {one.card.region}, {one.card.kind}; {one.figures} figures: {one.observed} observed, "
        f"{one.not_values} not values, {len(one.unread)} unread; {len(one.statements)} observations kept, "
        f"{len(unmapped)} names unmapped, {repaired} places repaired"
        + (f"; missing: {', '.join(one.card.missing)}" if one.card.missing else "")
    )


def publish_first(data: Path) -> None:
    """What there is nothing of yet, or only in an earlier schema, as a snapshot; a start without need of it is faster."""
    from loaders import archive, kept, publication
    from loaders.snapshot import NotPublished

    with failing(NotPublished):
        if not kept.outdated(data):
            return
        first = kept.current(data) is None
        name = publication.publish(data, archive.read() if first else [], prepare=_prepare)
    what = "the bundled seeds" if first else "what was there in an earlier schema"
    click.echo(f"published {what} as snapshot {name}", err=True)
