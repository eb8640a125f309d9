"""Writes the README's tables of settings and accuracy: ``python -m tests.readme`` with PLAN_INDICATORS_CORPUS set."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from api import settings
from loaders import evaluate

HERE = Path(__file__).resolve().parent
README = HERE.parent / "README.md"
_SETTINGS = re.compile(r"(?<=<!-- settings -->\n).*?(?=<!-- /settings -->)", re.S)
_MARKED = re.compile(r"(?<=<!-- accuracy -->\n).*?(?=<!-- /accuracy -->)", re.S)


def _table(folder: Path, documents: Path) -> str:
    """The accuracy of the documents that have labels in a folder, as a Markdown table."""
    lines = [
        "| document | labels found | precision | fields that were wrong on labels with a match |",
        "| --- | --- | --- | --- |",
    ]
    for score in evaluate.evaluate([folder / "tables.tsv", folder / "narrative.tsv"], documents):
        found = ", ".join(
            f"{'rows' if tier == 'table' else tier} {score.found.get(tier, 0)} of {count} ({score.recall(tier):.1%})"
            for tier, count in sorted(score.labels.items())
        )
        wrong = ", ".join(
            f"{name} {score.paired - right}" for name, right in score.fields.items() if right < score.paired
        )
        lines.append(f"| {score.doc} | {found} | {score.precision():.1%} | {wrong or 'none'} |")
    return "\n".join(lines) + "\n"


def accuracy(corpus: Path) -> str:
    """Two tables: of the real documents, and of the held-out set."""
    unseen = HERE / "heldout"
    return (
        _table(corpus / "gold", corpus / "documents")
        + "\nThe same on made-up documents in the genre that no rule was written for (`tests/heldout`; what a change of the"
        + "\nrules may not lower, there and in three sets to develop with, is in `tests/floors.json`):\n\n"
        + _table(unseen, unseen)
    )


def configured(readme: str) -> str:
    """The README with the settings as they are now."""
    return _SETTINGS.sub(lambda _: settings.table(), readme)


def written(readme: str, corpus: Path) -> str:
    """The README with the tables as they are now."""
    return configured(_MARKED.sub(lambda _: accuracy(corpus), readme))


if __name__ == "__main__":
    if "PLAN_INDICATORS_CORPUS" not in os.environ:
        sys.exit("PLAN_INDICATORS_CORPUS must name a folder with documents/ and gold/")
    README.write_text(written(README.read_text("utf-8"), Path(os.environ["PLAN_INDICATORS_CORPUS"])), "utf-8")
