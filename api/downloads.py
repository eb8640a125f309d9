"""An export asked for in, its bytes out: a file made at publication, a part of it, or pieces made while they are sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from api import answers, codings, described, export, files, formats, ranges
from api.problems import BUSY, UNSATISFIABLE, Headers, Problem
from api.route import Answer, Answered, Asked, Backend, NotModified

_TEXTS = frozenset({"csv", "ndjson"})  # the others are compressed in themselves


def export_as(form: export.Format) -> Answer:
    """Everything, or what the filters select."""

    def answer(backend: Backend, asked: Asked) -> Answered:
        snapshot = asked.snapshot
        whole = all(value in (None, False) for value in asked.values.values()) or asked.query == "selection=all"
        file = files.prepared(snapshot, form) if whole else None
        plain = codings.plain(asked.header(b"accept-encoding"))
        part = asked.header(b"range") if file is not None and plain and not asked.bare else ""
        coding = asked.coding if (form in _TEXTS and not part) or not plain else codings.IDENTITY
        made = "file" if file is not None else "made"
        etag = backend.answers.etag(snapshot.id, asked.path, asked.query, f"{asked.media};{made}", coding)
        headers: Headers = [
            (b"etag", etag.encode()),
            (b"content-disposition", f'attachment; filename="observations.{form}"'.encode()),
        ]
        if whole:  # rows, size and digest in the metadata are those of the whole
            link = f'<{asked.path}-metadata.json>; rel="describedby"; type="{formats.JSON}"'
            headers.append((b"link", link.encode()))
        if answers.matches(asked.header(b"if-none-match"), etag):
            raise NotModified(etag)
        if coding:
            headers.append((b"content-encoding", coding.encode()))
        if file is not None:
            return _file(form, file, (part, asked.header(b"if-range")), etag, headers, coding)
        values = dict(asked.values) | {"selection": asked.values["selection"] or "all"}
        pieces = codings.stream(_made(export.chunks(snapshot, form, values)), coding)
        return Answered(body=pieces, media=export.MEDIA[form], headers=headers)

    return answer


def _made(pieces: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield from pieces
    except export.Refused:  # more memory is needed than there is; told where nothing was sent yet
        raise Problem(BUSY) from None


def _file(
    form: export.Format, file: Path, asked: tuple[str, str], etag: str, headers: Headers, coding: str
) -> Answered:
    """The file, or the part of it that Range asks for; ``asked`` holds Range and If-Range."""
    size = file.stat().st_size
    if coding:
        return Answered(
            body=codings.stream(ranges.pieces(file, 0, size), coding), media=export.MEDIA[form], headers=headers
        )
    headers.append((b"accept-ranges", b"bytes"))
    part, condition = asked
    found = ranges.asked(part, size) if part and ranges.applies(condition, etag) else None
    if isinstance(found, ranges.Unsatisfiable):
        raise Problem(UNSATISFIABLE, headers=(("content-range", f"bytes */{size}"),))
    start, end, status = (0, size, 200) if found is None else (found.start, found.end, 206)
    if found is not None:
        headers.append((b"content-range", f"bytes {start}-{end - 1}/{size}".encode()))
    headers.append((b"content-length", str(end - start).encode()))
    return Answered(body=ranges.pieces(file, start, end), media=export.MEDIA[form], headers=headers, status=status)


def described_as(form: export.Format) -> Answer:
    """What an export holds."""

    def answer(backend: Backend, asked: Asked) -> Answered:
        return Answered(body=formats.json(described.describe(asked.snapshot, form)), media=formats.JSON)

    return answer
