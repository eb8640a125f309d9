"""What was asked of the data in, the answer out: one function for each kind of question."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, unquote

from msgspec import Struct

from api import comparisons, cursors, formats, jsonstat, observations, pages, provenance
from api.cursors import Start
from api.pages import Lines
from api.parameter import named
from api.problems import GONE, Headers, Problem, not_found
from api.route import Answer, Answered, Asked, Backend
from api.shapes import Observation
from api.snapshot import Snapshot
from api.values import resolve

_WAITING = ("fields", "indicator", "q")  # what takes longer than the event loop may stand still
_OBSERVATION = ("观测", "observation")
_REGION = ("行政区划, 代码见 GB/T 2260", "region; GB/T 2260 has the codes")
_CATEGORY = ("类别", "category")


def suggested(backend: Backend, problem: Problem) -> Problem:
    """A problem with parameters, with codes in place of the names that were given; as it is without a snapshot."""
    if all(wrong.given is None for wrong in problem.wrongs):
        return problem
    try:
        return named(problem, backend.snapshots.current().ask)
    except Problem:
        return problem


def _json(answer: Any) -> Answered:
    return Answered(body=formats.json(answer), media=formats.JSON)


def item(question: str, what: tuple[str, str]) -> Answer:
    """The one thing that the path names; ``what`` it is, in Chinese and English."""

    def answer(backend: Backend, asked: Asked) -> Answered:
        _year(asked.names)
        rows = asked.snapshot.ask(question, asked.names)
        if not rows:
            raise not_found(what)
        del rows[0]["total"]
        return _json(rows[0])

    return answer


def observation(backend: Backend, asked: Asked) -> Answered:
    """The observation that the path names."""
    line = observations.one(asked.snapshot, asked.names["observation"])
    if line is None:
        raise not_found(_OBSERVATION)
    return Answered(body=line, media=formats.JSON)


def _year(names: Mapping[str, str]) -> None:
    year = names.get("year", "2000")
    if not re.fullmatch("[0-9]{4}", year) or not 1949 <= int(year) <= 2100:
        raise not_found(("年份; 年份为 1949 至 2100", "year; years are 1949 to 2100"))


def _selected(snapshot: Snapshot, asked: Asked) -> dict[str, Any]:
    """The values for a question, those of the path among them; a problem where the path names what there is not."""
    _year(asked.names)
    for place, (name, what) in enumerate((("region", _REGION), ("category", _CATEGORY))):
        if name in asked.names and asked.names[name] not in snapshot.places[place]:
            raise not_found(what)
    return dict(asked.values) | {name: [int(value) if name == "year" else value] for name, value in asked.names.items()}


def observed(backend: Backend, asked: Asked) -> Answered:
    """A page of observations, as JSON or CSV."""
    snapshot, query, start = _place(backend, asked)
    values = _observing(snapshot, asked)
    found = observations.page(snapshot, values, start)
    if asked.media != formats.CSV:
        return _page_of_lines(backend, asked, snapshot, query, found)
    _, headers = _page(backend, asked, cursors.Place(snapshot.id, query, found.next))
    names = _names(Observation, values["fields"])
    body = formats.as_csv(names, observations.decoded(found.lines), excel=values["excel"])
    return Answered(body=body, media=formats.CSV_TYPE, headers=headers)


def observed_at_once(backend: Backend, asked: Asked) -> Answered | None:
    """A page of observations as JSON where nothing has to be waited for: it is in the memory of the machine."""
    snapshot, cursor = asked.snapshot, asked.values["cursor"]
    if asked.media == formats.CSV or any(map(asked.values.get, _WAITING)) or not snapshot.warm:
        return None
    query, start = cursors.digest(asked.path, asked.values), Start()
    if isinstance(cursor, str):
        place = cursors.read(backend.key, cursor, query)
        if place.snapshot != snapshot.id:
            return None
        start = place.start
    found = observations.placed(snapshot, _observing(snapshot, asked), start)
    return None if found is None else _page_of_lines(backend, asked, snapshot, query, found)


def _observing(snapshot: Snapshot, asked: Asked) -> dict[str, Any]:
    values = _selected(snapshot, asked)
    if values["selection"] is None:
        values["selection"] = "all" if values.get("document") else "preferred"
    return values


def _page_of_lines(backend: Backend, asked: Asked, snapshot: Snapshot, query: bytes, found: Lines) -> Answered:
    page, headers = _page(backend, asked, cursors.Place(snapshot.id, query, found.next))
    wanted = asked.values.get("fields")
    lines = found.lines if wanted is None else observations.narrowed(found.lines, _names(Observation, wanted))
    body = b'{"data":[%s],"page":%s}' % (b",".join(lines), formats.json(page))
    return Answered(body=body, media=formats.JSON, headers=headers)


def collection(question: str, shape: type[Struct]) -> Answer:
    """A page of the things that a question finds, as JSON or CSV."""

    def answer(backend: Backend, asked: Asked) -> Answered:
        rows, page, headers = _asked(backend, asked, question)
        names = _names(shape, asked.values.get("fields"))
        if asked.media == formats.CSV:
            body = formats.as_csv(names, rows, excel=bool(asked.values["excel"]))
            return Answered(body=body, media=formats.CSV_TYPE, headers=headers)
        body = formats.json({"data": [{name: row[name] for name in names} for row in rows], "page": page})
        return Answered(body=body, media=formats.JSON, headers=headers)

    return answer


def _names(shape: type[Struct], wanted: Any) -> tuple[str, ...]:
    """The fields of a shape, or those of them that are wanted."""
    return tuple(name for name in shape.__struct_fields__ if wanted is None or name in wanted)


def _asked(backend: Backend, asked: Asked, question: str) -> tuple[list[dict[str, Any]], dict[str, Any], Headers]:
    """The rows of a page of what a question finds, what is said of the page, and headers."""
    snapshot, query, start = _place(backend, asked)
    rows, end = pages.told(snapshot, question, resolve(snapshot, question, asked.values), start)
    return rows, *_page(backend, asked, cursors.Place(snapshot.id, query, end))


def _place(backend: Backend, asked: Asked) -> tuple[Snapshot, bytes, Start]:
    """The snapshot that a page comes from, the query's digest, and where the page begins."""
    query, cursor = cursors.digest(asked.path, asked.values), asked.values.get("cursor")
    if not isinstance(cursor, str):
        return asked.snapshot, query, Start()
    place = cursors.read(backend.key, cursor, query)
    return backend.snapshots.kept(place.snapshot), query, place.start


def _page(backend: Backend, asked: Asked, end: cursors.Place) -> tuple[dict[str, Any], Headers]:
    """What is said of a page that ends at a place, and the header that leads to the next one."""
    total = end.start.total or 0
    following = cursors.write(backend.key, end) if end.start.offset < total else None
    page = {"limit": asked.values["limit"], "next": following, "total": total, "snapshot": end.snapshot}
    return page, [] if following is None else [(b"link", _link(asked, following))]


def _link(asked: Asked, cursor: str) -> bytes:
    kept = [piece for piece in asked.query.split("&") if piece and unquote(piece.partition("=")[0]) != "cursor"]
    # latin-1 gives back the bytes that were sent
    query = quote("&".join([*kept, f"cursor={cursor}"]).encode("latin-1"), safe="%&=+-._~:/,")
    return f'<{quote(asked.path)}?{query}>; rel="next"'.encode()


def codes(backend: Backend, asked: Asked) -> Answered:
    """Every closed list."""
    lists = {row["name"]: row["codes"] for row in asked.snapshot.ask("codes", {})}
    return _json({"data": lists, "snapshot": asked.snapshot.id})


def traced(backend: Backend, asked: Asked) -> Answered:
    """Where an observation comes from."""
    found = provenance.trace(asked.snapshot, asked.names["observation"])
    if found is None:
        raise not_found(_OBSERVATION)
    return _json(found)


_SINCE_GONE = (
    "快照 since 已不再保留, 无从比较; 请取全部数据 (/v1/exports)。",
    "The snapshot since is no longer kept, so nothing can be compared. Take everything (/v1/exports).",
)


def changed(backend: Backend, asked: Asked) -> Answered:
    """A page of what differs between an earlier snapshot and the current one."""
    snapshot, query, start = _place(backend, asked)
    try:
        since = backend.snapshots.kept(str(asked.values["since"]))
    except Problem:
        raise Problem(GONE, detail=_SINCE_GONE) from None
    difference = backend.differences.between(since, snapshot)
    rows = difference.page(start.offset, int(str(asked.values["limit"])))
    end = Start(start.offset + len(rows), None, difference.total)
    page, headers = _page(backend, asked, cursors.Place(snapshot.id, query, end))
    body = formats.json({"since": since.id, "counts": difference.counts, "data": rows, "page": page})
    return Answered(body=body, media=formats.JSON, headers=headers)


def judged(turn: Callable[[Snapshot, Mapping[str, Any], Start], Lines]) -> Answer:
    """A page of assessments or of discrepancies."""

    def answer(backend: Backend, asked: Asked) -> Answered:
        snapshot, query, start = _place(backend, asked)
        return _page_of_lines(backend, asked, snapshot, query, turn(snapshot, asked.values, start))

    return answer


def compared(backend: Backend, asked: Asked) -> Answered:
    """One indicator, or several, over regions and periods; as JSON or JSON-stat."""
    ask = comparisons.compare if asked.names else comparisons.table
    answer = ask(asked.snapshot, {**asked.values, **asked.names})
    told = jsonstat.dataset(answer) if asked.media == jsonstat.MEDIA else answer
    return Answered(body=formats.json(told), media=asked.media)
