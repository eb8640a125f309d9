"""The unmapped names of the current snapshot become proposals for the catalogue: each with the nearest indicators.

Nothing is merged here. Near is not the same (新增高新技术企业数, 高新技术企业数): a reader decides, and writes the name into
``seeds/aliases.csv`` or a new indicator into ``seeds/indicators.csv``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import msgspec
from rapidfuzz import fuzz, process

from loaders import indicator, kept, snapshot
from loaders.indicator import Catalogue

NEAREST = 3  # candidates of a name
FARTHEST = 45  # similarity, of 100, below which two names share no more than common words
COLUMNS = (
    "observations", "documents", "id", "name", "candidate", "candidate_name", "similarity", "units", "wording", "quote",
)  # fmt: skip
_UNMAPPED = r"""
SELECT indicator.id, indicator.name, count(*), count(DISTINCT observation.document),
    list_sort(list_distinct(list(observation.source_name))),
    list_sort(list_distinct(list(coalesce(observation.unit_label, observation.stance::VARCHAR)))),
    min_by(observation.quote, (observation.document, observation.quote_start))
FROM observations AS observation JOIN indicators AS indicator ON indicator.id = observation.indicator
WHERE NOT indicator.reviewed
GROUP BY ALL ORDER BY 3 DESC, 4 DESC, indicator.name
"""


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """An indicator of the catalogue that may be meant; ``similarity`` is of the names, from 0 to 100."""

    id: str
    name: str
    similarity: int


class Unmapped(msgspec.Struct, frozen=True, kw_only=True):
    """A name that the catalogue does not have, how often it is used, and the documents' own words for it."""

    id: str
    name: str
    observations: int
    documents: int
    wordings: tuple[str, ...]
    units: tuple[str, ...]
    quote: str
    candidates: tuple[Candidate, ...]


def nearest(name: str, catalogue: Catalogue) -> tuple[Candidate, ...]:
    """The indicators whose names or aliases look most like a name, best first.

    >>> [each.id for each in nearest("规上工业增加值现价", indicator.catalogue())][:1]
    ['value_added_of_industry_above_designated_size']
    """
    names = catalogue.names
    alike = process.extract(
        indicator.normal_name(name), names.keys(), scorer=fuzz.ratio, score_cutoff=FARTHEST, limit=NEAREST * 8
    )
    best: dict[str, Candidate] = {}
    for key, score, _ in alike:
        known = names[key]
        best.setdefault(known.id, Candidate(id=known.id, name=known.name, similarity=round(score)))
    return tuple(best.values())[:NEAREST]


def unmapped(data: Path, limit: int) -> Iterator[Unmapped]:
    """The unmapped names of the current snapshot, the most used first; raises ``NotPublished`` where there is none."""
    now = kept.current(data)
    if now is None:
        raise snapshot.NotPublished(f"{data}: no snapshot is published; `plan-indicators load` publishes one")
    try:
        with duckdb.connect(str(now), read_only=True) as base:
            rows = base.execute(_UNMAPPED + f"LIMIT {int(limit)}").fetchall()
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise snapshot.NotPublished(f"{now}: this snapshot cannot be read: {reason}") from error
    catalogue = indicator.catalogue()
    for identity, name, observations, documents, wordings, units, quote in rows:
        yield Unmapped(
            id=identity,
            name=name,
            observations=observations,
            documents=documents,
            wordings=tuple(wordings),
            units=tuple(units),
            quote=quote,
            candidates=nearest(name, catalogue),
        )


def lines(one: Unmapped) -> Iterator[str]:
    """A name as lines of the columns above: one for each candidate, or one without."""
    for candidate in one.candidates or (None,):
        fields = (
            str(one.observations),
            str(one.documents),
            one.id,
            one.name,
            *((candidate.id, candidate.name, str(candidate.similarity)) if candidate else ("", "", "")),
            ", ".join(one.units),
            " | ".join(one.wordings),
            one.quote,
        )
        yield "\t".join(" ".join(field.split()) for field in fields)
