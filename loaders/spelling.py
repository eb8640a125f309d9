"""Names become what a search compares: each with its reading in pinyin, and beside them the characters of each syllable.

Many characters have several readings, and the phrase around them tells which: 长 is zhang in 增长, chang in 长期. A
region is read as its English name says: 莲都 is liandu, 长治 changzhi.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any

import duckdb

from loaders import region
from loaders.seeds import FOLDER

_LONGEST = 8  # characters of a phrase
_READINGS = 3  # of a character, the most common ones; the others are those of old books
_CHINESE = range(0x4E00, 0xA000)  # rarer characters are in no name
_WORD = re.compile("[\u4e00-\u9fff]+|[A-Za-z0-9]+")
_TONES = str.maketrans("āáǎàēéěèếềīíǐìōóǒòūúǔùǖǘǚǜüê", "aaaaeeeeeeiiiioooouuuuvvvvve", "\u0300\u0304\u030c")
_COUNTS = "".join(
    f"INSERT INTO counts SELECT '{kind}', {kind}::VARCHAR, list_sort(list(DISTINCT year)), count(DISTINCT region), "
    "count(*) FILTER (role = 'target'), count(*) "
    f"FROM observations WHERE {kind} IS NOT NULL GROUP BY {kind} ORDER BY {kind};\n"
    for kind in ("indicator", "region", "document", "category", "year", "unit")
)
_NAMES = """
SELECT kind, id, name, bool_and(alias) AS alias, coalesce(any_value(observations), 0) AS used
FROM (
  SELECT 'indicator' AS kind, id, name, false AS alias FROM indicators
  UNION ALL SELECT 'indicator', id, name_en, false FROM indicators WHERE name_en IS NOT NULL
  UNION ALL SELECT 'indicator', id, unnest(aliases), true FROM indicators
  UNION ALL SELECT 'region', code, unnest([name, name_en]), false FROM regions
  WHERE code IN (SELECT id FROM counts WHERE kind = 'region')
  UNION ALL SELECT 'document', id, title, false FROM documents
)
LEFT JOIN counts USING (kind, id)
GROUP BY kind, id, name
"""


def write(base: duckdb.DuckDBPyConnection) -> None:
    """Fill the tables of counts, spellings and syllables of a snapshot that holds all else."""
    base.execute(_COUNTS)
    base.execute("INSERT INTO source_names SELECT DISTINCT source_name FROM observations ORDER BY 1")
    rows = base.execute(_NAMES).fetchall()
    used = {identifier: count for kind, identifier, _, _, count in rows if kind == "region"}
    short = {code: name for name, codes in region.table().short.items() for code in codes}
    read: dict[str, list[str]] = {}
    for code, name, english in base.execute("SELECT code, name, name_en FROM regions").fetchall():
        if code not in used:
            continue
        if said := in_english(name, english):
            read[name] = said
        if name != (stem := short.get(code, name)):
            rows.append(("region", code, stem, True, used[code]))
            if said:
                read[stem] = said[: len(stem)]
    known = {name: said for name, said in read.items() if len(name) > 2}  # 大城 is also the beginning of 大城市
    spelt = [(*row, " ".join([] if row[2].isascii() else read.get(row[2]) or syllables(row[2], known))) for row in rows]
    _insert(base, "spellings", sorted(spelt))
    _insert(base, "syllables", sorted(_characters().items()))


def syllables(name: str, known: Mapping[str, list[str]] = MappingProxyType({})) -> list[str]:
    """A name as it is read: the syllables of its Chinese characters, and other words as they are; marks are not read.

    The longest phrase counts, as ``known`` reads it, else the seeds, else the library; at last a character has its most common reading.

    >>> " ".join(syllables("固定资产投资增长率(含GDP)"))
    'gu ding zi chan tou zi zeng zhang lv han gdp'
    """
    said: list[str] = []
    phrases = _phrases()
    for word in _WORD.findall(name):
        if word.isascii():
            said.append(word.lower())
            continue
        start = 0
        while start < len(word):
            for end in range(min(len(word), start + _LONGEST), start + 1, -1):
                piece = word[start:end]
                if piece in known or piece in phrases:
                    said += known.get(piece) or [each[0].translate(_TONES) for each in phrases[piece]]
                    break
            else:
                end = start + 1
                said += _readings(word[start])[:1] or [word[start]]
            start = end
    return said


def in_english(name: str, english: str) -> list[str] | None:
    """The syllables of a region whose English name begins with its reading; none for one that is no pinyin (Tibet).

    >>> in_english("长治县", "Changzhi County"), in_english("西藏自治区", "Tibet")
    (['chang', 'zhi', 'xian'], None)
    """
    target = re.sub("[^a-z]", "", english.partition(" ")[0].lower().replace("ü", "u"))
    said: list[str] = []
    for at, character in enumerate(name):
        fits = [one for one in _readings(character) if target.startswith(one.replace("v", "u"))]
        if not fits:
            return None
        said.append(max(fits, key=len))
        target = target[len(said[-1]) :]
        if not target:
            return said + syllables(name[at + 1 :])
    return None


@cache
def _readings(character: str) -> list[str]:
    """The readings of a character without tones, the most common first."""
    from pypinyin.pinyin_dict import pinyin_dict  # noqa: PLC0415  as above

    toned = pinyin_dict.get(ord(character), "")
    plain = dict.fromkeys(toned.translate(_TONES).split(","))
    return [one for one in plain if re.search("[aeiouv]", one)]  # not the mumbled n and m


@cache
def _characters() -> dict[str, str]:
    """The characters that each syllable may stand for."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for point in _CHINESE:
        for syllable in _readings(chr(point))[:_READINGS]:
            found[syllable].append(chr(point))
    return {syllable: "".join(characters) for syllable, characters in found.items()}


@cache
def _phrases() -> dict[str, list[list[str]]]:
    """The library's phrases and those that it has wrong: the readings of each character, with tones."""
    from pypinyin.phrases_dict import phrases_dict  # noqa: PLC0415  a quarter of a second, and only for a publication

    with (FOLDER / "phrases.csv").open(encoding="utf-8", newline="") as lines:
        own = {row["phrase"]: [[each] for each in row["pinyin"].split()] for row in csv.DictReader(lines)}
    return {**phrases_dict, **own}  # the library's own functions give the same and take ten times as long


def _insert(base: duckdb.DuckDBPyConnection, table: str, rows: Iterable[Sequence[Any]]) -> None:
    columns = [list(column) for column in zip(*rows, strict=True)]
    taken = ", ".join(f"unnest(${number})" for number in range(1, len(columns) + 1))
    base.execute(f"INSERT INTO {table} SELECT {taken}", columns)
