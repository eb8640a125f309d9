"""What documents state, as CSV files: written from the documents, read where these are not at hand.

``python -m loaders.archive FOLDER`` extracts every document of a folder into ``seeds/statements``: the same
documents give the same bytes.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from loaders import database
from loaders.claim import Claim
from loaders.database import Loaded
from loaders.document import Card
from loaders.seeds import FOLDER
from loaders.statement import Statement, Unread

T = TypeVar("T")
_CARD = ("id", *Card.__struct_fields__, "figures", "observed", "not_values")
_STATEMENT = Statement.__struct_fields__
_UNREAD = ("id", *Unread.__struct_fields__)
_CLAIM = ("id", *Claim.__struct_fields__)


def write(folder: Path, loaded: Iterable[Loaded]) -> None:
    """One file of cards, one of claims, one of unread figures, one of statements for each document; nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob("*.csv"):
        stale.unlink()
    taken: dict[str, str] = {}
    named = sorted(
        (database.document_id(one.card, taken), one) for one in sorted(loaded, key=lambda one: one.card.sha256)
    )
    _table(
        folder / "documents.csv",
        _CARD,
        (
            msgspec.structs.asdict(one.card)
            | {"id": name, "figures": one.figures, "observed": one.observed, "not_values": one.not_values}
            for name, one in named
        ),
    )
    _table(
        folder / "unread.csv",
        _UNREAD,
        ({"id": name} | msgspec.structs.asdict(each) for name, one in named for each in one.unread),
    )
    _table(
        folder / "claims.csv",
        _CLAIM,
        ({"id": name} | msgspec.structs.asdict(each) for name, one in named for each in one.claims),
    )
    for name, one in named:
        _table(folder / f"{name}.csv", _STATEMENT, map(msgspec.structs.asdict, one.statements))


def _table(path: Path, columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_cell(row[column]) for column in columns] for row in rows)


def _cell(value: Any) -> str:
    """A value as text: nothing for null, JSON for lists and objects and for texts that would read as one of these."""
    if value is None:
        return ""
    if isinstance(value, str) and value and value[0] not in '["{':
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def read(folder: Path | None = None) -> list[Loaded]:
    """The documents of a folder of such files; by default those of the seeds. A broken file is named with its line."""
    folder = folder if folder is not None else FOLDER / "statements"
    unread: dict[str, list[Unread]] = {}
    for row, where in _rows(folder / "unread.csv"):
        unread.setdefault(str(row.pop("id")), []).append(_made(row, Unread, where))
    claims: dict[str, list[Claim]] = {}
    for row, where in _rows(folder / "claims.csv"):
        claims.setdefault(str(row.pop("id")), []).append(_made(row, Claim, where))
    found = []
    for row, where in _rows(folder / "documents.csv"):
        name = row.pop("id")
        counts = {key: row.pop(key) for key in ("figures", "observed", "not_values")}
        card = _made(row, Card, where)
        statements = tuple(_made(each, Statement, place) for each, place in _rows(folder / f"{name}.csv"))
        found.append(
            msgspec.convert(
                {"card": card, "statements": statements, "unread": unread.get(str(name), [])}
                | {"claims": claims.get(str(name), [])}
                | counts,
                Loaded,
                strict=False,
            )
        )
    return found


def _rows(path: Path) -> Iterator[tuple[dict[str, Any], str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), start=2):
            yield {key: _value(cell) for key, cell in row.items()}, f"{path.name}:{number}"


def _value(cell: str | None) -> Any:
    if not cell:
        return None
    return json.loads(cell) if cell[0] in '["{' else cell


def _made(row: dict[str, Any], kind: type[T], where: str) -> T:
    try:
        return msgspec.convert(row, kind, strict=False)
    except msgspec.ValidationError as error:
        raise ValueError(f"seeds/statements/{where}: {error}") from error


def main(arguments: Sequence[str]) -> int:
    """Extract a folder of documents into the seeds."""
    from loaders import document, extract  # noqa: PLC0415  reading the seeds needs neither

    if len(arguments) not in (1, 2) or not Path(arguments[0]).is_dir():
        sys.stderr.write("usage: python -m loaders.archive FOLDER_OF_DOCUMENTS [TARGET]\n")
        return 2
    target = Path(arguments[1]) if len(arguments) == 2 else FOLDER / "statements"
    loaded = []
    for path in sorted(Path(arguments[0]).iterdir()):
        if path.suffix.lower() in extract.SUFFIXES:
            loaded.append(extract.extract(document.read(path.read_bytes(), path.name)))
    write(target, loaded)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
