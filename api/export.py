"""Observations in one of four formats as chunks of bytes.

Lines of NDJSON and CSV are put together by the database, with the very bytes of ``formats.json`` and
``formats.as_csv``: several times as fast as rows that come through Python.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from decimal import Decimal
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from api import __version__, formats, observations, queries
from api.problems import Problem
from api.rows import Rows
from api.sections import Unfit
from api.shapes import Observation
from api.snapshot import Snapshot
from api.values import resolve

Format = Literal["ndjson", "csv", "parquet", "arrow"]
Kind = Literal["text", "integer", "decimal", "boolean", "list"]
Chunks = Generator[bytes, None, int]
Read = Callable[[Snapshot, str, dict[str, Any]], Generator[Any, None, None]]  # a question and its values to rows
MEDIA: Mapping[Format, str] = {
    "ndjson": "application/x-ndjson",
    "csv": "text/csv; header=present",
    "parquet": "application/vnd.apache.parquet",
    "arrow": "application/vnd.apache.arrow.stream",
}
TITLE = "Plan indicators"
LICENCE_DATA = "The documents remain their issuers'; the data are their figures and the clauses that state them."
LICENCE_CODE = "MIT"
PIECE = 1 << 20  # bytes of a chunk at the most

_LINES = 2_048  # rows made into lines at a time
_FIRST, _ROWS, _SPARSE = 8_192, 65_536, 262_144  # row numbers asked for at a time: at first, then, and where few fit
# the database writes \u001F where the API writes \u001f; an escaped backslash before a u is none of it
_ESCAPES = re.compile(rb"\\\\|\\u00[01][0-9A-F]")


class Refused(Exception):
    """An export that cannot be made; the message says why."""


def about(snapshot: Snapshot) -> dict[str, str]:
    """What a file says of itself."""
    card = snapshot.extent
    return {
        "title": TITLE,
        "snapshot": snapshot.id,
        "published_at": card["published_at"],
        "licence": f"{LICENCE_DATA} Code: {LICENCE_CODE}.",
        "citation": citation(snapshot.id, card["published_at"]),
        "contract": __version__,
    }


def citation(identity: str, published_at: str) -> str:
    """How to cite a state of the data, in a sentence.

    >>> citation("20260131T080000000Z-5a59b223", "2026-01-31T08:00:00Z")
    'Plan indicators, read from the documents that state them; snapshot 20260131T080000000Z-5a59b223, published on 2026-01-31.'
    """
    return f"{TITLE}, read from the documents that state them; snapshot {identity}, published on {published_at[:10]}."


def chunks(snapshot: Snapshot, form: Format, values: Mapping[str, Any]) -> Chunks:
    """The bytes of an export, in chunks of at most ``PIECE`` bytes; what the generator returns is the number of rows.

    ``values`` are those of the filters, of ``sort`` and of ``fields``, as ``parameter.read`` gives them; all
    observations are selected unless told otherwise. Memory does not grow with their number, unless they are
    to be sorted. Closing the generator lets the database go. Raises ``Refused``, where the query itself cannot be
    answered before the first chunk.
    """
    wanted = values.get("fields")
    names = [name for name in Observation.__struct_fields__ if wanted is None or name in wanted]
    made = _lines if form in ("ndjson", "csv") else _columns
    try:
        values = resolve(snapshot, "observations", values) | {"selection": values.get("selection") or "all"}
        return (yield from made(snapshot, form, names, values))
    except Problem as problem:
        if not snapshot.damage:
            raise
        raise Refused(f"snapshot {snapshot.id} cannot be read: {snapshot.damage}") from problem
    except duckdb.OutOfMemoryException as error:
        raise Refused(
            "the database has not the memory for it; ask for fewer observations, or leave out sort"
        ) from error
    except (duckdb.Error, pa.ArrowException) as error:
        if isinstance(error, duckdb.Error):
            snapshot.tells_of_damage(error)
        raise Refused(f"snapshot {snapshot.id} cannot be read: {str(error).splitlines()[0]}") from error


def _lines(snapshot: Snapshot, form: Format, names: list[str], values: Mapping[str, Any]) -> Chunks:
    made = snapshot.rows if form == "ndjson" and len(names) == len(KINDS) and not values.get("as_of") else None
    if made is not None:
        return (yield from _prepared_lines(snapshot, made, values))
    rows, head = 0, formats.as_csv(names, []) if form == "csv" else b""
    select = f"{_csv(names) if form == 'csv' else _json(names)} AS line"
    with closing(_found(snapshot, "observations", select, values, _batches(_LINES))) as batches:
        for batch in batches:
            if batch.num_rows:
                rows += batch.num_rows
                yield from _cut(head + _text(batch.column(0), form))
                head = b""
    yield from _cut(head)
    return rows


def _prepared_lines(snapshot: Snapshot, made: Rows, values: Mapping[str, Any]) -> Chunks:
    """Whole lines as they were prepared; the database only says which."""
    found = 0
    lines = made.lines if values.get("sort") else made.passed
    with closing(_found(snapshot, "numbers", "ordinal", values, _numbers)) as pieces:
        for numbers in pieces:
            found += len(numbers)
            try:
                told = lines(numbers)
            except Unfit:  # a prepared line is damaged; from now on the database tells them
                known = observations.by_number(snapshot, numbers)
                told = [bytes(known[number]) for number in numbers]
            yield from _cut(b"\n".join([*told, b""]))
    return found


def _columns(snapshot: Snapshot, form: Format, names: list[str], values: Mapping[str, Any]) -> Chunks:
    rows, sink = 0, _Sink()
    select = ", ".join(f'"{name}"' for name in names)
    with closing(_found(snapshot, "observations", select, values, _batches(_ROWS))) as batches:
        schema = next(batches).schema.with_metadata(about(snapshot))
        writer = (
            pq.ParquetWriter(sink, schema, compression="zstd") if form == "parquet" else pa.ipc.new_stream(sink, schema)
        )
        for batch in batches:
            if batch.num_rows:
                writer.write_batch(batch.replace_schema_metadata(schema.metadata))
            rows += batch.num_rows
            yield from _cut(sink.take())
    writer.close()
    yield from _cut(sink.take())
    return rows


def _found(
    snapshot: Snapshot, asked: str, select: str, values: Mapping[str, Any], read: Read
) -> Generator[Any, None, None]:
    """The rows that a question finds, in pieces as ``read`` gives them.

    In their own order they are asked for by row number, a few thousand at a time, so that the database has but these
    to sort; where few of them fit, more at a time.
    """
    sort, as_of = values.get("sort"), values.get("as_of")
    text, bound = queries.put(asked, {**values, "windowed": not (sort or as_of)})
    question = f"SELECT {select} FROM (\n{text}\n)"
    if sort:
        yield from read(snapshot, question, bound)
        return
    if as_of:  # what was known is found among these rows, which the question sees as the table
        window = "FROM main.observations WHERE ordinal BETWEEN $first::INTEGER AND $last::INTEGER"
        question = f"WITH observations AS ({window})\n{question}"
    extent = snapshot.extent
    start, width = extent["first"], _FIRST
    while True:
        found, last = 0, min(start + width - 1, extent["last"])
        if as_of:  # what was preferred on a day is decided among the rows of a region
            last = snapshot.ask("region_end", {"ordinal": last})[0]["last"]
        with closing(read(snapshot, question, bound | {"first": start, "last": last})) as pieces:
            for piece in pieces:
                found += len(piece)
                yield piece
        if last is None or last >= extent["last"]:
            return
        start = last + 1
        width = min(2 * width, _SPARSE) if found < _ROWS // 2 else _ROWS


def _batches(size: int) -> Read:
    """Reads rows as Arrow batches; the first is empty and tells their schema."""

    def read(snapshot: Snapshot, question: str, bound: dict[str, Any]) -> Generator[Any, None, None]:
        # execute() would hold the whole answer; this holds a batch at a time
        with (
            closing(snapshot.cursor()) as cursor,
            cursor.sql(queries.parsed(cursor, question), params=bound).to_arrow_reader(size) as reader,
        ):
            yield pa.RecordBatch.from_pylist([], schema=reader.schema)
            yield from reader

    return read


def _numbers(snapshot: Snapshot, question: str, bound: dict[str, Any]) -> Generator[list[int], None, None]:
    """Reads rows of one number each; the whole answer is held, which takes some bytes for each."""
    with closing(snapshot.cursor()) as cursor:
        cursor.execute(queries.parsed(cursor, question), bound)
        while rows := cursor.fetchmany(_LINES):
            yield [number for (number,) in rows]


class _Sink(io.RawIOBase):
    """A file that gives away what was written to it."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._written.append(bytes(data))
        return len(self._written[-1])

    def take(self) -> bytes:
        taken = b"".join(self._written)
        self._written.clear()
        return taken


def _text(lines: Any, form: Format) -> bytes:
    """The bytes of a column of texts, one after the other, as they lie in memory."""
    _, offsets, data = lines.buffers()
    places = memoryview(offsets).cast("i")
    found = bytes(memoryview(data)[places[lines.offset] : places[lines.offset + len(lines)]])
    return _ESCAPES.sub(lambda escape: escape[0].lower(), found) if form == "ndjson" and b"\\u00" in found else found


def _cut(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), PIECE):
        yield data[start : start + PIECE]


def _json(names: Sequence[str]) -> str:
    """SQL that makes a row a line of JSON."""
    parts: list[str] = []
    for name in names:
        kind, nullable = KINDS[name]
        plain = _shortest(name) if kind == "decimal" else f'"{name}"'
        value = f'to_json("{name}")' if kind in ("text", "list") else plain
        parts.append(f"""'{"," if parts else "{"}"{name}":'""")
        parts.append(f"coalesce({value}::VARCHAR, 'null')" if nullable else value)
    return f"concat({', '.join(parts)}, '}}', chr(10))"


def _csv(names: Sequence[str]) -> str:
    """SQL that makes a row a line of CSV."""
    cells = []
    for name in names:
        kind, _ = KINDS[name]
        text = {"decimal": _shortest(name), "list": f"array_to_string(\"{name}\", ';')"}.get(kind, f'"{name}"')
        if kind in ("text", "list"):
            marked = " OR ".join(f"contains({text}, {mark})" for mark in ("','", "'\"'", "chr(10)", "chr(13)"))
            text = f"CASE WHEN {marked} THEN concat('\"', replace({text}, '\"', '\"\"'), '\"') ELSE {text} END"
        cells.append(text)
    if len(cells) == 1:  # an empty line would be no row
        return f"""concat(coalesce(nullif(({cells[0]})::VARCHAR, ''), '""'), chr(13), chr(10))"""
    return f"""concat({", ',', ".join(cells)}, chr(13), chr(10))"""


def _kind(hint: Any) -> tuple[Kind, bool]:
    """What a field of the struct holds, and whether it may be null."""
    nullable = NoneType in get_args(hint)
    inner = next(each for each in get_args(hint) if each is not NoneType) if nullable else hint
    named: dict[Any, Kind] = {int: "integer", Decimal: "decimal", bool: "boolean", list: "list"}
    return named.get(get_origin(inner) or inner, "text"), nullable


KINDS = {name: _kind(hint) for name, hint in get_type_hints(Observation).items()}


def _shortest(name: str) -> str:
    """SQL that makes a DECIMAL(24, 6) a text in its shortest plain form.

    Most have up to two decimals and fit 18 digits: these the database writes fast.
    """
    small = f'try_cast("{name}" AS DECIMAL(18, 6))'
    cases = "".join(
        f" WHEN {small} % {unit} = 0 THEN {small}::DECIMAL({12 + places}, {places})::VARCHAR"
        for places, unit in enumerate(("1", "0.1", "0.01"))
    )
    return f"CASE{cases} ELSE rtrim(rtrim(\"{name}\"::VARCHAR, '0'), '.') END"
