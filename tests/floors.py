"""Floors of extraction, per document, tier and field: ``python -m tests.floors`` raises them, and never lowers one.

Kept in ``floors.json`` with the digest of each label file: a change of the labels asks for a new look.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from loaders import evaluate

FILE = Path(__file__).with_name("floors.json")
HERE = FILE.parent


def label_files() -> dict[str, tuple[Path, Path]]:
    """Label files that are at hand, by name, each with the folder of its documents."""
    found = {}
    for folder in ("development", "development2", "development3", "heldout"):
        for name in ("tables.tsv", "narrative.tsv"):
            if (HERE / folder / name).is_file():
                found[f"{folder}/{name}"] = (HERE / folder / name, HERE / folder)
    if corpus := os.environ.get("PLAN_INDICATORS_CORPUS"):
        for name in ("tables.tsv", "narrative.tsv"):
            found[f"gold/{name}"] = (Path(corpus) / "gold" / name, Path(corpus) / "documents")
    return found


def digest(path: Path) -> str:
    """The digest of a label file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def reached(labels: Path, documents: Path) -> dict[str, dict[str, float]]:
    """What extraction reaches now: for each document recall by tier, precision, and the share of each field."""
    return {
        score.doc: {tier: round(score.recall(tier), 4) for tier in sorted(score.labels)}
        | {"precision": round(score.precision(), 4)}
        | {field: round(right / score.paired, 4) for field, right in score.fields.items() if score.paired}
        for score in evaluate.evaluate([labels], documents)
    }


def main() -> None:
    """Raise the floors to what is reached."""
    floors = json.loads(FILE.read_text("utf-8")) if FILE.is_file() else {}
    for name, (labels, documents) in label_files().items():
        before = floors.get(name, {})
        same = before.get("labels") == digest(labels)
        now = reached(labels, documents)
        for doc, shares in now.items():
            old = before.get("documents", {}).get(doc, {}) if same else {}
            for what, share in shares.items():
                shares[what] = max(share, old.get(what, 0.0))
        floors[name] = {"labels": digest(labels), "documents": now}
    FILE.write_text(json.dumps(floors, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    main()
