"""A document or a clause becomes what is read in it, and how: `text`, `audit`, `explain`, `evaluate`."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from api.command.options import FILE, NO_DATA, Failed, failing

if TYPE_CHECKING:
    from loaders.document import Document


def _opened(path: Path) -> Document:
    from loaders import batch

    found = batch.opened(path)
    if isinstance(found, str):
        raise Failed(found)
    return found


@click.command()
@click.argument("document", type=FILE)
@NO_DATA
def text(document: Path) -> None:
    """Print the text of DOCUMENT that quote offsets refer to, code point by code point."""
    read = _opened(document)
    sys.stdout.buffer.write(read.raw.encode("utf-8"))


@click.command()
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


@click.command()
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


@click.command()
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
    with failing(scoring.Unusable, Refused):
        scores = scoring.evaluate(gold, documents)
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
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, dict[str, str]])
    except OSError as error:
        raise Failed(f"{path}: cannot be read: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise Failed(f"{path}: no outcomes that --save wrote") from error
