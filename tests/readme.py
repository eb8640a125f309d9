"""Writes the README's table of accuracy: ``python -m tests.readme`` with PLAN_INDICATORS_CORPUS set."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from loaders import evaluate

README = Path(__file__).resolve().parent.parent / "README.md"
_MARKED = re.compile(r"(?<=<!-- accuracy -->\n).*?(?=<!-- /accuracy -->)", re.S)


def table(corpus: Path) -> str:
    """The accuracy of the documents that have labels, as a Markdown table."""
    scores = evaluate.evaluate(
        [corpus / "gold" / "tables.tsv", corpus / "gold" / "narrative.tsv"], corpus / "documents"
    )
    lines = [
        "| document | labels found | precision | fields that were wrong on labels with a match |",
        "| --- | --- | --- | --- |",
    ]
    for score in scores:
        found = ", ".join(
            f"{'rows' if tier == 'table' else tier} {score.found.get(tier, 0)} of {count} ({score.recall(tier):.1%})"
            for tier, count in sorted(score.labels.items())
        )
        wrong = ", ".join(
            f"{name} {score.paired - right}" for name, right in score.fields.items() if right < score.paired
        )
        lines.append(f"| {score.doc} | {found} | {score.precision():.1%} | {wrong or 'none'} |")
    return "\n".join(lines) + "\n"


def written(readme: str, corpus: Path) -> str:
    """The README with the table as it is now."""
    return _MARKED.sub(lambda _: table(corpus), readme)


if __name__ == "__main__":
    if "PLAN_INDICATORS_CORPUS" not in os.environ:
        sys.exit("PLAN_INDICATORS_CORPUS must name a folder with documents/ and gold/")
    README.write_text(written(README.read_text("utf-8"), Path(os.environ["PLAN_INDICATORS_CORPUS"])), "utf-8")
