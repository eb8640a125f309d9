"""Labels made by reading, against what extraction finds: recall, precision, each miss, per document and field."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

import msgspec

from loaders import document, extract, indicator, observation, unit
from loaders.observation import Observation

FIELDS = ("role", "year", "measure", "comparator", "value", "value_high", "unit", "stance", "name")
TABLE_FIELDS = (*FIELDS, "responsible", "designation")
TEXT_FIELDS = (*FIELDS, "period")  # the last where the labels have it; it decides no pair
_LOOSE = {"ge": "lower", "gt": "lower", "le": "upper", "lt": "upper"}


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """One labelled observation, of a table (``table`` set) or of running text (``anchor`` set)."""

    doc: str
    row: dict[str, str]

    @property
    def tier(self) -> str:
        return self.row.get("tier") or "table"


class Score(msgspec.Struct, kw_only=True):
    """How extraction did on the labels of one document: fields right, labels found, observations without a label."""

    doc: str
    labels: dict[str, int]
    found: dict[str, int]
    fields: dict[str, int]
    paired: int
    observations: int
    right: int
    misses: list[str]
    outcomes: dict[str, str]  # each label and each observation without one, as told: right, wrong, missed or extra

    def recall(self, tier: str) -> float:
        return self.found.get(tier, 0) / self.labels[tier] if self.labels.get(tier) else 1.0

    def precision(self) -> float:
        return self.right / self.observations if self.observations else 1.0


class Unusable(Exception):
    """Labels or documents that cannot be scored; the message says what and where."""


def labels(path: Path) -> list[Label]:
    """The lines of a label file, which must have the columns of a table or of running text."""
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            reader = csv.DictReader(lines, delimiter="\t")
            columns = set(reader.fieldnames or ())
            rows = list(reader)
    except FileNotFoundError as error:
        raise Unusable(f"{path}: no such file") from error
    except OSError as error:
        raise Unusable(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Unusable(f"{path}: no labels: not UTF-8 text") from error
    except csv.Error as error:
        raise Unusable(f"{path}: no labels: a field is too long") from error
    wanted = {"doc", "year", "role", "measure", "comparator", "value", "unit", "stance"}
    if missing := sorted(wanted - columns):
        raise Unusable(f"{path}: no labels: the columns {', '.join(missing)} are missing")
    return [Label(doc=row["doc"], row=row) for row in rows]


def files_by_name(folder: Path) -> dict[str, Path]:
    """Documents by the short names that the folder's README gives them, and by the start of their file names."""
    if not folder.is_dir():
        raise Unusable(f"{folder}: no such folder")
    known = {path.stem: path for path in sorted(folder.iterdir()) if path.is_file()}
    readme = folder / "README.md"
    if readme.is_file():
        for file, name in re.findall(r"^\|\s*`([^`]+)`\s*\|\s*(\w+)\s*\|", readme.read_text("utf-8"), re.M):
            if (folder / file).is_file():
                known[name] = folder / file
    return known


def evaluate(paths: Iterable[Path], folder: Path) -> list[Score]:
    """One score for each document that has labels, tables and running text apart."""
    by_doc: dict[tuple[str, bool], list[Label]] = defaultdict(list)
    for path in paths:
        for label in labels(path):
            by_doc[label.doc, "anchor" in label.row].append(label)
    known = files_by_name(folder)
    scores = []
    read: dict[str, list[Observation]] = {}
    for (doc, running), wanted in by_doc.items():
        if doc not in known:
            there = f"there are {', '.join(sorted(known))}" if known else "the folder is empty"
            raise Unusable(f"{folder}: no document {doc}; {there}")
        if doc not in read:
            read[doc] = _observed(known[doc])
        scores.append(_running(doc, wanted, read[doc]) if running else _tables(doc, wanted, read[doc]))
    return scores


def _observed(path: Path) -> list[Observation]:
    """What extraction finds in a file; nothing where it refuses or breaks: a full miss."""
    try:
        loaded = extract.extract(document.read(path.read_bytes(), path.name))
    except document.Refused:
        return []
    return observation.observe(loaded.card, loaded.statements)[0]


def _blank(doc: str) -> Score:
    return Score(doc=doc, labels={}, found={}, fields={}, paired=0, observations=0, right=0, misses=[], outcomes={})


def _tables(doc: str, wanted: Sequence[Label], found: Sequence[Observation]) -> Score:
    score = _blank(f"{doc} tables")
    pools: dict[tuple[str, str, str, str], list[Observation]] = defaultdict(list)
    for one in found:
        if one.table is not None:
            pools[one.table, one.row or "", one.role, str(one.year)].append(one)
    tables = {label.row["table"] for label in wanted}
    score.observations = sum(one.table in tables for one in found)
    for label in wanted:
        row = label.row
        pool = pools[row["table"], row["row"], row["role"], row["year"]]
        _match(score, label, pool, TABLE_FIELDS)
    return score


def _running(doc: str, wanted: Sequence[Label], found: Sequence[Observation]) -> Score:
    score = _blank(f"{doc} text")
    free = [one for one in found if one.table is None]
    score.observations = len(free)
    for label in wanted:
        start, end = int(label.row["start"]), int(label.row["end"])
        pool = [one for one in free if one.quote_start < end and one.quote_end > start]
        best = _match(score, label, pool, TEXT_FIELDS if "period" in label.row else FIELDS)
        if best is not None:
            free.remove(best)
    score.outcomes |= {
        f"{one.source_name} {one.value or one.stance} {one.year} {_short(one.quote)}": "extra" for one in free
    }
    score.misses += [
        f"  + {one.source_name} {one.measure} {one.comparator} {one.value or one.stance} {one.unit_label} {one.year} {one.role}"
        f" | {_short(one.quote)} | {one.rule}"
        for one in free
    ]
    return score


def _match(score: Score, label: Label, pool: list[Observation], fields: Sequence[str]) -> Observation | None:
    tier = label.tier
    score.labels[tier] = score.labels.get(tier, 0) + 1
    judged = sorted(
        ((_judge(label, one), index) for index, one in enumerate(pool)), key=lambda item: (-_worth(item[0]), item[1])
    )
    if not judged or _worth(judged[0][0]) < 2:
        score.misses.append(f"  - [{tier}] {_told(label)}: nothing found")
        score.outcomes[_told(label)] = "missed"
        return None
    right, index = judged[0]
    best = pool.pop(index)
    score.paired += 1
    for field in fields:
        score.fields[field] = score.fields.get(field, 0) + right.get(field, True)
    score.outcomes[_told(label)] = "right" if all(right[field] for field in FIELDS) else "wrong"
    core = [field for field in FIELDS if not right[field]]
    if core:
        score.misses.append(
            f"  ~ [{tier}] {_told(label)}: {', '.join(core)}: found {best.source_name} {best.measure} {best.comparator} "
            f"{best.value if best.value is not None else best.stance} {best.unit_label} {best.year} {best.role} | {_short(best.quote)}"
        )
    else:
        score.found[tier] = score.found.get(tier, 0) + 1
        score.right += 1
    return best


def _worth(right: dict[str, bool]) -> int:
    return (
        3 * right["value"] * right["stance"]
        + right["name"] * 2
        + right["measure"]
        + right["comparator"]
        + right["role"]
    )


def _judge(label: Label, one: Observation) -> dict[str, bool]:
    row = label.row
    value, unit_right = _same_value(row, one)
    stance = row["stance"] or None
    return {
        "role": row["role"] == one.role,
        "year": row["year"] == str(one.year),
        "measure": stance is not None or row["measure"] == one.measure,
        "comparator": _LOOSE.get(row["comparator"], row["comparator"])
        == _LOOSE.get(one.comparator or "", one.comparator or ""),
        "value": value,
        "value_high": (_decimal(row["value_high"]) is None) == (one.value_high is None),
        "unit": unit_right,
        "stance": stance == one.stance,
        "name": _same_name(row.get("source_name") or row.get("name") or "", one),
        "responsible": _plain(row.get("responsible") or "")
        == [body for name in one.responsible for body in _plain(name)],
        "designation": (row.get("designation") or None) == one.designation,
        "period": _period(row) == one.period,
    }


def _period(row: dict[str, str]) -> str:
    """The SDMX period of a label: S1, Q3 and 06 are of its year, 01/09 are months of it, 2021/2025 stands for itself."""
    year, part = row["year"], row.get("period") or ""
    if not part or re.fullmatch(r"\d{4}/\d{4}", part):
        return part or year
    return "/".join(f"{year}-{one}" for one in part.split("/"))


def _decimal(text: str | None) -> Decimal | None:
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return None


def _same_value(row: dict[str, str], one: Observation) -> tuple[bool, bool]:
    """Whether value and unit agree in meaning: 1.2 万人 is 12000 人."""
    wanted = _decimal(row["value"])
    if wanted is None or one.value is None:
        return wanted is None and one.value is None, wanted is None
    label = unit.parse(row["unit"]) if row["unit"] else None
    if label is None or one.unit is None:
        same = label is None or (label.id in ("item", "position", "ratio"))
        return wanted == one.value, (
            one.unit is None or one.unit in ("ratio", "item")
        ) and same if label is not None else True
    kin = label.id == one.unit or {label.id, one.unit} <= {"item", "person", "position", "household", "copy", "head"}
    shift = Decimal(10) ** (label.multiplier - (one.unit_multiplier or 0))
    return wanted * shift == one.value or wanted == one.value, kin and wanted * shift == one.value


def _plain(bodies: str) -> list[str]:
    """Names of bodies in half-width characters."""
    return re.findall(r"[^;\s]+", unicodedata.normalize("NFKC", bodies))


def _same_name(name: str, one: Observation) -> bool:
    catalogue = indicator.catalogue()
    *_, child = name.split(" > ")
    known = catalogue.find(name) or catalogue.find(child)
    if known is not None and known.id == one.indicator:
        return True
    wanted, had = _core(name), _core(one.source_name)
    if not wanted or not had:
        return False
    shared = _common(wanted, had)
    return shared >= 0.6 * min(len(wanted), len(had)) and shared >= 2 and shared >= 0.4 * len(wanted)


def _core(name: str) -> str:
    name = indicator.normal_name(name)
    return (
        re.sub(r"(?:数量?|人数|家数|个数|面积|金额|次数|场次|件数|总量)$|[的“”\"()>]|新增|完成|累计", "", name) or name
    )


def _common(one: str, other: str) -> int:
    """Length of the longest common subsequence."""
    before = [0] * (len(other) + 1)
    for char in one:
        row = [0]
        for index, mate in enumerate(other):
            row.append(before[index] + 1 if char == mate else max(before[index + 1], row[-1]))
        before = row
    return before[-1]


def _short(quote: str) -> str:
    return re.sub(r"\s+", " ", quote)[:60]


def _told(label: Label) -> str:
    row = label.row
    where = f"{row['table']}/{row['row']}.{row['sub']} " if "table" in row else ""
    said = row["value"] or row["stance"]
    name = row.get("source_name") or row.get("name") or ""
    return f"{where}{name} {row['measure']} {row['comparator']} {said} {row['unit']} {row['year']} {row['role']}"


def report(score: Score) -> list[str]:
    """A score in lines: recall by tier, precision, then each field over the labels that were found."""
    tiers = ", ".join(
        f"{'rows' if tier == 'table' else 'tier ' + tier} {score.found.get(tier, 0)}/{count} ({score.recall(tier):.3f})"
        for tier, count in sorted(score.labels.items())
    )
    fields = ", ".join(f"{field} {right}/{score.paired}" for field, right in score.fields.items())
    return [
        f"{score.doc}: recall {tiers}; precision {score.right}/{score.observations} ({score.precision():.3f})",
        f"  {fields}",
    ]


def changes(before: dict[str, dict[str, str]], scores: Sequence[Score]) -> list[str]:
    """What a change of the rules won and lost against the outcomes of an earlier run, line by line."""
    lines = []
    for score in scores:
        was = before.get(score.doc, {})
        for told in dict.fromkeys([*was, *score.outcomes]):
            old, new = was.get(told, "none"), score.outcomes.get(told, "none")
            if old != new:
                better = new == "right" or (old == "extra" and new == "none") or (old == "wrong" and new == "missed")
                lines.append(f"{'won ' if better else 'lost'} {score.doc}: {told}: {old} -> {new}")
    return lines
