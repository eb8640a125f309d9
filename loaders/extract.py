"""A Document becomes all that it states: its tables and its running text, as statements with verbatim quotes."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from itertools import chain, pairwise

import msgspec

from loaders import area, audit, claim, prose, section, table
from loaders.correction import corrected
from loaders.database import Loaded
from loaders.document import Document
from loaders.section import Context
from loaders.sentence import Place
from loaders.statement import Statement, Unread
from loaders.table import Cell, Row, Table
from loaders.text import Repair, Text

SUFFIXES = (".txt", ".html", ".htm", ".xhtml", ".docx", ".xlsx", ".pdf")  # of the files in a folder that are read
TRIED = (*SUFFIXES, ".doc", ".xls")  # the old kinds too: some hold a page, the others are refused with the reason
_GROWTH = re.compile(r"增长|增速|增幅|增减|增进|递增|±|同比")
_FORMS = ("full_width", "flattened")  # other forms of the same characters: no damage
_PIECES = re.compile(r"[,;](?!\d{3}(?!\d))|、(?=(?:同比|比上年)?(?:增长|增速|增幅|下降))")
_PAIR = re.compile(  # a level and its growth
    r"(?P<level>[^()/%]*\d[^()/%]*?)\s*(?:\((?P<growth>[^()/]*\d[^()/]*%[^()/]*)\)|/\s*(?P<rate>[^()/]*\d[^()/]*%?[^()/]*))"
)
_FIGURE = re.compile(r"(?:[≥≤><]=?|不低于|不高于|不少于|不超过|约)?[-+−]?\d")  # a cell with no verb of its own


class Gathered(msgspec.Struct, frozen=True, kw_only=True):
    """What the stages found in one document, before it is counted."""

    statements: list[Statement]
    unread: list[Unread]
    not_values: list[tuple[int, int, str]]
    claims: tuple[claim.Claim, ...]

    def fates(self, document: Document) -> list[audit.Fate]:
        """Where each figure of the document went."""
        return audit.fates(document, self.statements, self.unread, self.not_values)


def extract(document: Document) -> Loaded:
    """All statements of a document in the order of their places, and the audit of its figures."""
    found = gather(document)
    return Loaded(
        card=document.card,
        statements=tuple(found.statements),
        claims=found.claims,
        **audit.count(document, found.statements, found.unread, found.not_values),
    )


def gather(document: Document) -> Gathered:
    """The statements of a document's tables and running text, with what is unread and what is no value."""
    card, body = document.card, document.body
    tables = table.find(body, card.report_year)
    years = _outline(card.title)
    plan_year = card.report_year if "上半年" in card.title else None
    contexts = section.contexts(
        body.chars,
        years[0] if years else card.report_year,
        card.kind,
        years[1] if years else plan_year,
        told=next((int(day[:4]) for day in (card.delivered_on, card.issued_on, card.published_on) if day), None),
    )
    statements = [one for found in tables for row in found.rows for one in _of_row(found, row)]
    unread: list[Unread] = []
    skipped: list[tuple[int, int, str]] = []
    running = list(_running(document, tables, contexts))
    for text, place in running:
        read = prose.read(text, place)
        statements += read.statements
        unread += read.unread
        skipped += read.not_values
    skipped += [(body.starts[one.start], body.ends[one.end - 1], "heading") for one in contexts if one.end > one.start]
    repairs = sorted(document.repairs, key=lambda repair: repair.start)
    starts = [repair.start for repair in repairs]
    done = [_completed(one, document.raw, repairs, starts) for one in statements]
    done.sort(key=lambda one: (one.at, one.start))
    for found in tables:
        skipped.append((body.starts[found.start], body.ends[found.end - 1], "table_furniture"))
    claims = claim.read(running, document)
    return Gathered(statements=corrected(card.sha256, done), unread=unread, not_values=skipped, claims=claims)


def _outline(title: str) -> tuple[int, int] | None:
    """The last year before and the last year of the five-year plan that a title names."""
    found = re.search(r"第十([一二三四五])个五年(?:规划|计划)|“?十([一二三四五])五”?规划", title)
    number = "一二三四五".index(found[1] or found[2]) if found else None
    return None if number is None else (2005 + 5 * number, 2010 + 5 * number)


def _completed(one: Statement, raw: str, repairs: list[Repair], starts: list[int]) -> Statement:
    names: list[str] = []
    index = max(bisect_right(starts, one.start) - 1, 0)
    while index < len(repairs) and repairs[index].start < one.end:
        repair = repairs[index]
        if repair.end > one.start and repair.name not in names:
            names.append(repair.name)
        index += 1
    kept = tuple(sorted({*one.repairs, *(name for name in names if name not in _FORMS)}))
    return msgspec.structs.replace(one, quote=raw[one.start : one.end], repairs=kept)


def _of_row(found: Table, row: Row) -> Iterable[Statement]:
    """A row's cells as statements; a cell with several figures is several."""
    for cell in chain.from_iterable(map(_halves, row.cells)):
        pieces = _pieces(cell)
        for piece in pieces:
            value = _hinted(cell, piece.chars, row.name.chars, row.unit)
            summed = piece.chars.startswith(("[", "〔", "【"))  # over years
            kept = summed or (value == piece.chars and _FIGURE.match(value))  # a share in a column of growth
            grows = _GROWTH.search(cell.hint or "") and not kept
            yield Statement(
                name=row.name.chars,
                parent=row.parent.chars if row.parent is not None else None,
                item=row.item,
                value=value,
                role=cell.role,
                status=cell.status,
                year=cell.year,
                period=cell.period or _period(cell, piece.chars),
                scope=_part(piece.chars) or row.scope if len(pieces) > 1 else row.scope,
                category=row.category,
                unit="%" if grows else row.unit,
                responsible=row.responsible,
                designation=row.designation,
                section=found.title,
                table=found.id,
                row=row.number,
                start=piece.start,
                end=piece.end,
                at=piece.start,
                quote="",
                rule="table_cell" if len(pieces) == 1 else "table_cell_part",
            )


def _part(words: str) -> str | None:
    """What one figure of a cell with several is about: 卫生人才 in 卫生人才10名."""
    lead = re.split(r"\d", words)[0]
    return lead if re.search(r"[一-龥]{3,}", lead) and not re.match(r"达到|完成|实现|排名|全[国省市]", lead) else None


def _hinted(cell: Cell, words: str, name: str, unit: str | None) -> str:
    """Value words with what the sub-header says: 6.5 under 增长% is 增长6.5, [4.8] of a share is 提高4.8个百分点."""
    hint = cell.hint or ""
    summed = re.fullmatch(r"[\[〔【(](?:五年)?(?:累计)?(.+)[\]〕】)]", words)
    bracket = re.search(r"\(([^()]{1,8})\)$", name)
    unit, name = (unit or bracket[1], name[: bracket.start()]) if bracket else (unit, name)
    if summed and re.match(r"[-+−]?\d", summed[1]):
        if (unit in ("%", "岁", "年") or name.endswith("拥有量")) and not re.search(r"降低|下降|减少|降幅|新增", name):
            label = "个百分点" if unit == "%" else unit or ""
            return f"提高{summed[1]}{label if label not in summed[1] and '%' not in summed[1] else ''}"
        return summed[1]
    if not _FIGURE.match(words):
        return words
    large = re.match(r"[^\d%]*(\d{3,}|\d{1,3}(?:,\d{3})+)(?:\.\d+)?(?![\d.]*%)", words) and unit not in ("%", "‰")
    if (name.endswith(("率", "比重", "占比", "比例")) and "年均" not in hint) or "=100" in f"{unit}{name}" or large:
        return words  # the growth column of a share holds the share, of an index the index, of a count the count
    if "年均" in hint:
        return f"年均增长{words}"
    return f"增长{words}" if _GROWTH.search(hint) else words


def _period(cell: Cell, words: str) -> str:
    """The years that a cell covers: the five of a plan for sums in brackets and yearly averages, else one."""
    spans = re.search("年均|五年", cell.hint or "") or re.match(r"[\[〔【]", words)
    return f"{cell.year - 4}/{cell.year}" if spans else str(cell.year)


def _halves(cell: Cell) -> list[Cell]:
    """A cell, or a level and its growth apart: 2380(8.5%), and 1080/8%左右 under 目标/增速."""
    pair = _PAIR.fullmatch(cell.text.chars)
    rate = pair and ("growth" if pair["growth"] else "rate" if "/" in (cell.hint or "") else None)
    if pair is None or rate is None:
        return [msgspec.structs.replace(cell, hint=None) if (cell.hint or "").startswith("/") else cell]
    level, growth = (cell.text[slice(*pair.span(part))].strip() for part in ("level", rate))
    return [
        msgspec.structs.replace(cell, text=level, hint=None),
        msgspec.structs.replace(cell, text=growth, hint="增长%"),
    ]


def _pieces(cell: Cell) -> list[Text]:
    """A cell, or its parts where each holds one figure: 达到50%,排名全省前30."""
    chars = cell.text.chars
    cuts = [match.start() for match in _PIECES.finditer(chars)]
    if len(re.findall(r"\d+(?:\.\d+)?", chars)) < 2 or not cuts:
        return [cell.text]
    bounds = [-1, *cuts, len(chars)]
    parts = [cell.text[start + 1 : end].strip() for start, end in pairwise(bounds)]
    parts = [part for part in parts if len(part)]
    figures = [part for part in parts if re.search(r"\d", part.chars)]
    if all(len(re.findall(r"\d+(?:\.\d+)?", part.chars)) == 1 for part in figures) and len(figures) > 1:
        return figures
    return [cell.text]


def _place(item: str | None) -> str | None:
    """The part of the area that an item is about: 碧湖新城 of 碧湖新城建设."""
    found = re.match(r"[一-龥]{2,8}?(?:新城|新区|开发区|经开区|高新区|园区|小镇|度假区|街道)", item or "")
    return found[0] if found else None


def _running(document: Document, tables: list[Table], contexts: list[Context]) -> Iterable[tuple[Text, Place]]:
    """The body without its tables, cut where the context changes; then the running text inside cells."""
    years = _outline(document.card.title)
    body, own = document.body, area.of(document.card.region)
    year = years[0] if years else document.card.report_year
    taken = sorted((found.start, found.end) for found in tables)
    starts = [context.start for context in contexts]
    free: list[tuple[int, int]] = []
    at = 0
    for start, end in [*taken, (len(body), len(body))]:
        if start > at:
            free.append((at, start))
        at = max(at, end)
    for begin, end in free:
        index = max(bisect_right(starts, begin) - 1, 0)
        start = begin
        while start < end:
            context = contexts[index]
            stop = min(end, contexts[index + 1].start if index + 1 < len(contexts) else end)
            text = body[max(start, min(context.end, stop)) : stop]
            if len(text):
                part = "上半年" if "上半年" in document.card.title and context.year == year else ""
                yield text, Place(context=context, area=own, report_year=year, part=part)
            start, index = stop, index + 1
    for found in tables:
        context = contexts[max(bisect_right(starts, found.start) - 1, 0)]
        planned = Context(
            start=found.start,
            end=found.start,
            heading=found.title,
            role="target",
            year=max((cell.year for row in found.rows for cell in row.cells), default=context.year),
        )
        for row in found.rows:
            if row.tasks is not None:
                yield (
                    row.tasks,
                    Place(
                        context=planned,
                        area=own,
                        report_year=year,
                        row=row.number,
                        responsible=row.responsible,
                        scope=_place(row.item),
                    ),
                )
