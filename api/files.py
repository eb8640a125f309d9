"""Exports as files: one that somebody asks for, and those with everything, prepared beside a snapshot at publication."""

from __future__ import annotations

import hashlib
import os
import secrets
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import IO, Any, get_args

import msgspec

from api import formats, parameter, parameters, rows
from api.export import Chunks, Format, Refused, chunks
from api.problems import Problem
from api.settings import Settings
from api.snapshot import Snapshot, Snapshots, Unusable


class WrongFilter(Refused):
    """A filter that there is not, or with a value that is not allowed."""


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """A complete file beside a snapshot."""

    bytes: int
    sha256: str


def write(
    data: Path, form: Format, output: Path | None = None, filters: Mapping[str, str | Sequence[str]] | None = None
) -> int:
    """Writes the observations that the filters select, all of them unless told otherwise, and returns how many.

    Filters are those of ``/v1/observations`` by name, with ``sort`` and ``fields``; ``output`` None is standard output.
    A file appears when it is complete.
    """
    if form not in get_args(Format):
        raise Refused(f"format {form}: {', '.join(get_args(Format))} are allowed")
    try:
        snapshot = Snapshots(Settings(data=data)).open()
    except Unusable as error:
        raise Refused(str(error)) from error
    texts = {name: [text] if isinstance(text, str) else list(text) for name, text in (filters or {}).items()}
    values = _values({name: given for name, given in texts.items() if given}, snapshot)
    if output is None:
        rows = _pour(chunks(snapshot, form, values), sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return rows
    with _aside(output, f".{output.name}.{secrets.token_hex(4)}") as file:
        return _pour(chunks(snapshot, form, values), file)


def prepare(snapshot_file: Path) -> None:
    """Writes everything in each format beside a snapshot: ``{id}.csv`` and so on, and ``{id}.exports.json`` about them.

    And ``{id}.rows``, the index of the lines of NDJSON that pages are made of.

    Each file appears when it is complete and safe on the disk. Where one cannot be written, none stays: ``Refused``.
    """
    try:
        snapshot = Snapshot(snapshot_file.stem, snapshot_file, Settings(data=snapshot_file.parent.parent))
    except Unusable as error:
        raise Refused(str(error)) from error
    found: dict[str, Prepared] = {}
    index = snapshot_file.with_suffix(".rows")
    try:
        for form in get_args(Format):
            found[form] = _put(_beside(snapshot_file, form), chunks(snapshot, form, {}))
        with _aside(index, f".building-{index.name}") as file, closing(snapshot.cursor()) as base:
            rows.write(base, _beside(snapshot_file, "ndjson"), file)
        _put(_record(snapshot_file), iter([formats.json(found)]))
    except BaseException:
        for path in (_record(snapshot_file), index, *(_beside(snapshot_file, form) for form in get_args(Format))):
            with suppress(OSError):
                path.unlink(missing_ok=True)
        raise


def prepared(snapshot: Snapshot, form: Format) -> Path | None:
    """The file with everything in this format, where it is there and complete."""
    card = digest(snapshot, form)
    path = _beside(snapshot.path, form)
    try:
        return path if card is not None and path.stat().st_size == card.bytes else None
    except OSError:
        return None


def digest(snapshot: Snapshot, form: Format) -> Prepared | None:
    """Size and SHA-256 of the file with everything in this format, as noted when it was prepared."""
    try:
        return msgspec.json.decode(_record(snapshot.path).read_bytes(), type=dict[str, Prepared]).get(form)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def _values(given: dict[str, list[str]], snapshot: Snapshot) -> dict[str, Any]:
    known = {each.name: each for each in parameters.EXPORTED}
    unknown = [name for name in given if name not in known]
    if unknown:
        raise WrongFilter(f"there is no filter {unknown[0]}; there are {', '.join(known)}")
    try:
        return parameter.read(known, given, [])
    except Problem as problem:
        wrong = parameter.named(problem, snapshot.ask).wrongs[0]
        # a pattern is said in words by the message
        plain = [text for text in wrong.allowed if not text.startswith("^")]
        allowed = f" Allowed: {', '.join(plain)}." if plain else ""
        meant = f" Perhaps {wrong.suggestion} is meant." if wrong.suggestion else ""
        raise WrongFilter(f"{wrong.parameter}: {wrong.message[1]}{allowed}{meant}") from None


def _pour(pieces: Chunks, file: IO[bytes]) -> int:
    """Writes all chunks and returns what the generator does."""
    while True:
        try:
            file.write(next(pieces))
        except StopIteration as end:
            return int(end.value)


def _put(path: Path, pieces: Iterator[bytes]) -> Prepared:
    """A complete file of the chunks; its size and digest."""
    digest, size = hashlib.sha256(), 0
    # a load takes such names for what a load that died has left, and deletes them
    with _aside(path, f".building-{path.name}") as file:
        for piece in pieces:
            digest.update(piece)
            size += file.write(piece)
    return Prepared(bytes=size, sha256=digest.hexdigest())


@contextmanager
def _aside(path: Path, name: str) -> Iterator[IO[bytes]]:
    """A file under another name that takes its own when it is complete and safe on the disk."""
    aside = path.with_name(name)
    try:
        with aside.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # where the name is
        finally:
            os.close(folder)
    except OSError as error:
        raise Refused(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        with suppress(OSError):
            aside.unlink(missing_ok=True)


def _beside(snapshot_file: Path, form: Format) -> Path:
    return snapshot_file.with_name(f"{snapshot_file.stem}.{form}")


def _record(snapshot_file: Path) -> Path:
    return snapshot_file.with_name(f"{snapshot_file.stem}.exports.json")
