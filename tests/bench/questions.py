"""A snapshot in, what is asked of the servers out: addresses for each scenario, the same for the same data."""

from __future__ import annotations

import contextlib
import itertools
import random
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote, urlencode

import duckdb
import msgspec

PAGE = 100
MOST_LIMIT = 1000
MOST_LINES = 40_000
HOT = 100  # addresses that are asked for again and again
DEEP = 10_000  # the page that is to be as fast as the first


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A region, category and year with more than a page of observations."""

    region: str
    category: str
    year: int


class Data(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to ask for."""

    places: tuple[Place, ...]
    regions: tuple[str, ...]
    years: tuple[int, ...]
    indicators: tuple[str, ...]  # the most frequent first
    names: tuple[str, ...]  # pieces of names of indicators
    preferred: int


def data(snapshot: Path, seed: int) -> Data:
    """What the snapshot holds, in an order that the seed decides."""
    luck = random.Random(seed)  # noqa: S311 - an order, no secret
    with contextlib.closing(duckdb.connect(str(snapshot), read_only=True)) as base:
        places = base.execute(
            "SELECT region, category, year FROM observations WHERE preferred AND category IS NOT NULL "
            f"GROUP BY ALL HAVING count(*) >= {PAGE} ORDER BY ALL"
        ).fetchall()
        regions = base.execute("SELECT DISTINCT region FROM observations ORDER BY 1").fetchall()
        years = base.execute("SELECT DISTINCT year FROM observations ORDER BY 1").fetchall()
        indicators = base.execute(
            "SELECT indicator, any_value(source_name) FROM observations GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 200"
        ).fetchall()
        ((preferred,),) = base.execute("SELECT count(*) FROM observations WHERE preferred").fetchall()
    found = [Place(region=region, category=category, year=year) for region, category, year in places]
    luck.shuffle(found)
    shuffled = [region for (region,) in regions]
    luck.shuffle(shuffled)
    return Data(
        places=tuple(found),
        regions=tuple(shuffled),
        years=tuple(year for (year,) in years),
        indicators=tuple(indicator for indicator, _ in indicators),
        names=tuple(dict.fromkeys(name[:3] for _, name in indicators)),
        preferred=preferred,
    )


def nested(place: Place, limit: int = PAGE) -> str:
    """By region, category and year, as this server, Litestar and FastAPI take it."""
    path = f"/v1/regions/{place.region}/categories/{place.category}/years/{place.year}/observations"
    return f"{path}?limit={limit}"


def datasette(place: Place, limit: int = PAGE) -> str:
    """The same, as Datasette takes it, with nothing made that is not asked for."""
    asked = {"region": place.region, "category": place.category, "year": place.year, "preferred": 1}
    told = asked | {"_size": limit, "_shape": "objects", "_nofacet": 1, "_nosuggest": 1}
    return f"/observations.json?{urlencode(told)}"


def roapi(place: Place, limit: int = PAGE) -> str:
    """About the same, as roapi takes it: it knows no filter by a boolean, and does not count."""
    asked = {"filter[region]": f"'{place.region}'", "filter[category]": f"'{place.category}'"}
    told = asked | {"filter[year]": str(place.year), "limit": str(limit)}
    return f"/api/tables/observations?{urlencode(told, safe='[]')}"


def cold(places: Iterable[Place]) -> list[tuple[Place, int]]:
    """Places with limits so that none comes twice: all with the least limit, then all with the next one."""
    known = tuple(places)
    every = ((place, limit) for limit in range(PAGE, MOST_LIMIT + 1) for place in known)
    return list(itertools.islice(every, MOST_LINES))


def searched(data: Data) -> dict[str, list[str]]:
    """By a piece of a name."""
    return {
        "search of observations": [f"/v1/observations?q={quote(name)}" for name in data.names],
        "search of indicators": [f"/v1/indicators?q={quote(name)}" for name in data.names],
    }


def judged(data: Data) -> dict[str, list[str]]:
    """Comparisons of many regions, and the usual ways to ask for judgements."""
    places = data.places[:12]
    some = [data.regions[start : start + 20] for start in range(0, min(len(data.regions), 240), 20)]
    comparisons, assessments, discrepancies = [], ["/v1/assessments"], ["/v1/discrepancies"]
    for number, (regions, indicator) in enumerate(zip(itertools.cycle(some), data.indicators[:60])):
        asked = urlencode([("region", region) for region in regions])
        comparisons.append(f"/v1/comparisons/{indicator}?{asked}")
        if number % 5 == 0:
            several = urlencode([("indicator", each) for each in data.indicators[number : number + 3]])
            comparisons.append(f"/v1/comparisons?{several}&{asked}")
    for place, indicator in zip(places, itertools.cycle(data.indicators)):
        assessments += [
            f"/v1/assessments/summary?limit={PAGE - len(assessments)}",
            f"/v1/assessments/summary?year={place.year}&limit={PAGE - len(assessments)}",
            f"/v1/assessments/summary?category={place.category}&limit={PAGE - len(assessments)}",
            f"/v1/assessments?region={place.region}",
            f"/v1/assessments?region={place.region}&year={place.year}",
            f"/v1/assessments?category={place.category}&year={place.year}&outcome=missed&limit={PAGE - len(assessments)}",
            f"/v1/assessments?indicator={indicator}",
        ]
        discrepancies += [
            f"/v1/discrepancies?region={place.region}",
            f"/v1/discrepancies?category={place.category}&year={place.year}&limit={PAGE - len(discrepancies)}",
            f"/v1/discrepancies?indicator={indicator}",
        ]
    discrepancies += ["/v1/discrepancies?kind=within_document", "/v1/discrepancies?severity=high"]
    return {"comparisons": comparisons, "assessments": assessments, "discrepancies": discrepancies}
