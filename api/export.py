"""The current snapshot's observations into a file or a stream, in one of four formats."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Literal, get_args

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from api import formats, parameters, queries
from api.problems import Problem
from api.settings import Settings
from api.shapes import Observation
from api.snapshot import Snapshot, Snapshots, Unusable

Format = Literal["ndjson", "csv", "parquet", "arrow"]
TAKEN = (*parameters.FILTERS, parameters.SORT, parameters.FIELDS)
_BATCH = 10_000


class Refused(Exception):
    """An export that cannot be made; the message says why."""


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
    wanted = values["fields"]
    names = [name for name in Observation.__struct_fields__ if wanted is None or name in wanted]
    try:
        with _opened(output) as file:
            reader = snapshot.stream("observations", values, _BATCH)
            batches = (batch.select(names) for batch in reader)
            schema = pa.schema([reader.schema.field(name) for name in names])
            if form == "parquet":
                return _counted(batches, pq.ParquetWriter(file, schema, compression="zstd"))
            if form == "arrow":
                return _counted(batches, pa.ipc.new_stream(file, schema))
            return _lines(batches, names, file, form)
    except (duckdb.Error, pa.ArrowException) as error:
        raise Refused(f"snapshot {snapshot.id} cannot be read: {str(error).splitlines()[0]}") from error


def _values(given: dict[str, list[str]], snapshot: Snapshot) -> dict[str, Any]:
    known = {parameter.name: parameter for parameter in TAKEN}
    unknown = [name for name in given if name not in known]
    if unknown:
        raise Refused(f"there is no filter {unknown[0]}; there are {', '.join(known)}")
    try:
        values: dict[str, Any] = parameters.read(known, given, [])
    except Problem as problem:
        wrong = parameters.named(problem, snapshot.ask).wrongs[0]
        # a pattern is said in words by the message
        plain = [text for text in wrong.allowed if not text.startswith("^")]
        allowed = f" Allowed: {', '.join(plain)}." if plain else ""
        meant = f" Perhaps {wrong.suggestion} is meant." if wrong.suggestion else ""
        raise Refused(f"{wrong.parameter}: {wrong.message[1]}{allowed}{meant}") from None
    return values | {"selection": values["selection"] or "all"}


def _counted(batches: Iterator[Any], writer: Any) -> int:
    rows = 0
    with writer:
        for batch in batches:
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


def _lines(batches: Iterator[Any], names: list[str], file: IO[bytes], form: Format) -> int:
    rows = 0
    if form == "csv":
        file.write(formats.as_csv(names, []))
    for batch in batches:
        table = [queries.row(row, row.values()) for row in batch.to_pylist()]
        if form == "csv":
            file.write(formats.as_csv(names, table, header=False))
        else:
            file.writelines(formats.json(row) + b"\n" for row in table)
        rows += len(table)
    return rows


@contextmanager
def _opened(output: Path | None) -> Iterator[IO[bytes]]:
    if output is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    aside = output.with_name(f".{output.name}.{secrets.token_hex(4)}")
    try:
        with aside.open("xb") as file:
            yield file
        aside.replace(output)
    except OSError as error:
        raise Refused(f"{output}: cannot be written: {error.strerror}") from error
    finally:
        aside.unlink(missing_ok=True)
