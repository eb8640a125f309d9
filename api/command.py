"""The command line: the one place that knows both halves."""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from api.key_command import keys
from api.options import DATA, Commands, Failed

if TYPE_CHECKING:
    from api.parameters import Parameter
    from loaders.database import Loaded
    from loaders.document import Document

T = TypeVar("T")
EVERY = 5  # seconds between two lines of progress where standard error is no terminal
FILE = click.Path(path_type=Path, readable=False)  # what cannot be read is said by its reader: a failure, no misuse
NO_DATA = click.option("--data", expose_value=False, help="Taken by every command; this one needs no such folder.")


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="plan-indicators")
def main() -> None:
    """Plan indicators of China's counties, cities and provinces: read documents, publish them, serve them.

    A first run: `plan-indicators load` publishes the bundled seeds, `plan-indicators serve` answers on
    http://127.0.0.1:8000, `plan-indicators load report.txt` adds a document of your own.

    Exit status: 0 on success, 1 on a failure, 2 on wrong usage.
    """
    from loaders import bounds

    try:
        bounds.read()
    except bounds.Invalid as error:
        raise Failed(str(error)) from error


class _Load(click.Command):
    """Tells the limits of reading in its help."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from loaders.bounds import described

        with formatter.section("Limits, the most that is read"):
            formatter.write("\n".join(described()) + "\n")


@main.command(cls=_Load)
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
    from loaders import archive, database

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
        name = database.publish(data, loaded, replace=replace, prepare=_prepare)
    except database.NotPublished as error:
        raise Failed(f"nothing is published: {error}") from error
    click.echo(f"published snapshot {name}" if name else "all of these are published already: nothing changed")
    if failed:
        sys.exit(1)


def _prepare(snapshot: Path) -> None:
    """Writes the exports of everything beside a snapshot that is about to be published."""
    from api import export
    from loaders import database

    try:
        export.prepare(snapshot)
    except export.Refused as error:
        raise database.NotPublished(str(error)) from error


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


class _Serve(click.Command):
    """Tells the settings in its help."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from api.settings import described

        with formatter.section("Settings"):
            formatter.write("\n".join(described()) + "\n")


@main.command(cls=_Serve)
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

    try:
        chosen = settings.read(data=data)
        server.address(host, port)
        if server.unusable(chosen) is not None:
            _publish_first(data)
        server.run(chosen, host, port, workers, ready)
    except (settings.Invalid, server.Refused) as error:
        raise Failed(str(error)) from error


def _publish_first(data: Path) -> None:
    """What there is nothing of yet, or only in an earlier schema, as a snapshot; a start without need of it is faster."""
    from loaders import archive, database

    try:
        if not database.outdated(data):
            return
        first = database.current(data) is None
        name = database.publish(data, archive.read() if first else [], prepare=_prepare)
    except database.NotPublished as error:
        raise Failed(str(error)) from error
    what = "the bundled seeds" if first else "what was there in an earlier schema"
    click.echo(f"published {what} as snapshot {name}", err=True)


def _allowed(parameter: Parameter) -> str:
    """What a parameter means, what it may hold, and whether it may be given more than once."""
    about = parameter.about.removesuffix(".")
    if parameter.name == "selection":  # its default is another one here
        about = f"{about.partition('. The default')[0]}. The default here is all"
    if parameter.values:
        plain = [value for value in parameter.values if not value.startswith("-")]
        signs = ", each also with a - before it" if len(plain) < len(parameter.values) else ""
        form = ", ".join(plain) + signs
    else:
        form = parameter.form[1]
    many = {
        "no": " Once only.",
        "repeated": " May be repeated.",
        "comma": f" Up to {parameter.most_items}, with commas between them; once only.",
    }
    return f"{about}. Allowed: {form}.{many[parameter.many]}"


def _filters(command: click.Command) -> click.Command:
    """Give a command an option for each filter of the API."""
    from api import parameters

    for parameter in (*parameters.FILTERS, parameters.SORT, parameters.FIELDS):
        command.params.append(
            click.Option(
                [f"--{parameter.name.replace('_', '-')}", parameter.name],
                multiple=True,  # a repeated single one is refused, not forgotten
                metavar={"integer": "NUMBER", "date": "DATE", "boolean": "true|false"}.get(parameter.type, "TEXT"),
                help=_allowed(parameter),
            )
        )
    return command


@main.command(context_settings={"show_default": True})
@click.option("--format", "form", required=True, type=click.Choice(["ndjson", "csv", "parquet", "arrow"]))
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path, readable=False),
    help="File to write; else standard output.",
)
@DATA
def export(form: str, output: Path | None, data: Path, **filters: object) -> None:
    """Write the observations that the filters select: all of them, unless told otherwise.

    Fields and filters are those of /v1/observations; `selection` is `all` here unless told otherwise.
    """
    from api import export as exporting

    given = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in filters.items()
        if value not in (None, ())
    }
    try:
        count = exporting.write(data, form, output, given)  # type: ignore[arg-type]
    except exporting.WrongFilter as error:
        raise click.UsageError(str(error)) from error
    except exporting.Refused as error:
        raise Failed(str(error)) from error
    click.echo(f"{count} observations", err=True)


def _opened(path: Path) -> Document:
    from loaders import batch

    found = batch.opened(path)
    if isinstance(found, str):
        raise Failed(found)
    return found


@main.command()
@click.argument("document", type=FILE)
@NO_DATA
def text(document: Path) -> None:
    """Print the text of DOCUMENT that quote offsets refer to, code point by code point."""
    read = _opened(document)
    sys.stdout.buffer.write(read.raw.encode("utf-8"))


@main.command()
@click.argument("document", type=FILE)
@click.option("--all", "every", is_flag=True, help="Show every figure, not only the unread ones.")
@NO_DATA
def audit(document: Path, every: bool) -> None:
    """Tell where each figure of DOCUMENT went: into an observation, into a named not-a-value, or unread."""
    from loaders import extract

    read = _opened(document)
    fates = extract.gather(read).fates(read)
    for one in fates:
        if every or one.fate == "unread":
            around = read.raw[max(one.start - 12, 0) : one.end + 8].replace("\n", " ")
            click.echo(f"{one.start}\t{one.fate}\t{one.rule}\t{one.figure}\t{' '.join(around.split())}")
    counts = Counter(one.fate for one in fates)
    click.echo(
        f"{len(fates)} figures: {counts['observed']} observed, {counts['not_values']} not values, {counts['unread']} unread"
    )


@main.command()
@click.argument("clause")
@click.option("--role", type=click.Choice(["target", "actual"]), default="actual", show_default=True)
@click.option("--year", type=click.IntRange(1949, 2100), default=2023, show_default=True, help="Year of the section.")
@NO_DATA
def explain(clause: str, role: str, year: int) -> None:
    """Show what each stage makes of CLAUSE, and by which rule: `plan-indicators explain "固定资产投资增长17.9%"`."""
    from loaders import explain as explained

    if len(clause) > explained.LONGEST:
        raise click.UsageError(f"a clause has at most {explained.LONGEST} characters")
    for line in explained.lines(clause, role, year):
        click.echo(line)


@main.command()
@click.argument("gold", nargs=-1, required=True, type=FILE)
@click.option("--documents", required=True, type=FILE, help="Folder of the labelled documents.")
@click.option(
    "--misses", is_flag=True, help="Show each miss (-), each wrong field (~), each observation without a label (+)."
)
@click.option("--save", type=FILE, help="Keep the outcome of each label in a file.")
@click.option("--against", type=FILE, help="Print what was won and lost since --save.")
@NO_DATA
def evaluate(gold: tuple[Path, ...], documents: Path, misses: bool, save: Path | None, against: Path | None) -> None:
    """Score extraction against labels: recall by tier, precision, and each field, per document.

    A label counts as found only where role, year, measure, comparator, value, unit, stance and name are all right.
    Before a change of the rules `--save before.json`, after it `--against before.json` lists gains and losses.
    """
    from loaders import evaluate as scoring
    from loaders.document import Refused

    before = None if against is None else _outcomes(against)
    try:
        scores = scoring.evaluate(gold, documents)
    except (scoring.Unusable, Refused) as error:
        raise Failed(str(error)) from error
    for score in scores:
        if misses:
            for line in score.misses:
                click.echo(line)
        for line in scoring.report(score):
            click.echo(line)
    if before is not None:
        for line in scoring.changes(before, scores):
            click.echo(line)
    if save is not None:
        try:
            save.write_text(json.dumps({score.doc: score.outcomes for score in scores}, ensure_ascii=False), "utf-8")
        except OSError as error:
            raise Failed(f"{save}: cannot be written: {error.strerror}") from error


def _outcomes(path: Path) -> dict[str, dict[str, str]]:
    """The outcomes that an earlier evaluation saved."""
    import msgspec

    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, dict[str, str]])
    except OSError as error:
        raise Failed(f"{path}: cannot be read: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise Failed(f"{path}: no outcomes that --save wrote") from error


@main.group()
def snapshots() -> None:
    """What is published: list it, go back to an earlier state, delete old ones."""


@snapshots.command("list")
@DATA
def list_snapshots(data: Path) -> None:
    """List the snapshots that are kept, oldest first; the current one is marked."""
    from loaders import database

    try:
        found = database.snapshots(data)
    except database.NotPublished as error:
        raise Failed(str(error)) from error
    if not found:
        click.echo("nothing is published yet", err=True)
    for name, size, is_current in found:
        click.echo("\t".join([name, f"{size / 1e6:.1f} MB", *(["current"] if is_current else [])]))


@snapshots.command("use")
@click.argument("snapshot")
@DATA
def use_snapshot(snapshot: str, data: Path) -> None:
    """Publish an earlier SNAPSHOT again."""
    from loaders import database

    try:
        database.use(data, snapshot)
    except database.NotPublished as error:
        raise Failed(str(error)) from error
    click.echo(f"published snapshot {snapshot}")


@snapshots.command("prune")
@click.option("--keep", default=5, show_default=True, type=click.IntRange(1, 1000), help="How many stay.")
@DATA
def prune_snapshots(keep: int, data: Path) -> None:
    """Delete all but the newest snapshots; the current one and those of the last hour stay."""
    from loaders import database

    try:
        gone = database.prune(data, keep)
    except database.NotPublished as error:
        raise Failed(str(error)) from error
    click.echo(f"deleted {len(gone)} snapshots" + "".join(f"\n{name}" for name in gone))


@main.group()
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
    from loaders import database
    from loaders import suggest as suggesting

    try:
        found = list(suggesting.unmapped(data, limit))
    except database.NotPublished as error:
        raise Failed(str(error)) from error
    click.echo("\t".join(suggesting.COLUMNS))
    for one in found:
        for line in suggesting.lines(one):
            click.echo(line)


_filters(export)
main.add_command(keys)

if __name__ == "__main__":
    main()
