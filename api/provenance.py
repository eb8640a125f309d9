"""An observation's id in, all out that a sceptic needs to check it: words, repairs, rule, catalogue entry, document."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from api import observations
from api.shapes import Code, Document, Indicator, Observation, Shape
from api.snapshot import Snapshot


class Provenance(Shape, frozen=True, kw_only=True):
    """Where an observation comes from, and what else is said of the same thing."""

    observation: Observation
    repairs: Annotated[list[Code], Meta(description="What was mended in the clause before it was read")]
    rule: Annotated[str, Meta(description="The rule that read it", examples=["prose"])]
    indicator: Annotated[Indicator, Meta(description="The catalogue entry that named it")]
    document: Annotated[
        Document, Meta(description="Offsets of the quote count in its text; sha256 is that of its bytes")
    ]
    history: Annotated[
        list[Observation],
        Meta(
            description="Other observations of the same region, indicator, period, measure, base and scope, targets and "
            "actuals, in the order in which the documents were published"
        ),
    ]


def trace(snapshot: Snapshot, observation: str) -> dict[str, Any] | None:
    """The provenance of an observation; None where there is no such one."""
    line = observations.one(snapshot, observation)
    if line is None:
        return None
    (row,) = observations.decoded([line])
    said = snapshot.ask("provenance", row)
    others = [each["ordinal"] for each in said if each["id"] != observation]
    lists = {each["name"]: each["codes"] for each in snapshot.ask("codes", {})}
    names = {code["code"]: code for code in lists.get("repairs", [])}
    (indicator,) = snapshot.ask("indicators", {"indicator": row["indicator"]})
    (document,) = snapshot.ask("documents", {"document": row["document"]})
    del indicator["total"], document["total"]
    known = observations.by_number(snapshot, others)
    return {
        "observation": row,
        "repairs": [names[code] for code in row["quality"] or () if code in names],
        "rule": next(each["rule"] for each in said if each["id"] == observation),
        "indicator": indicator,
        "document": document,
        "history": [known[number] for number in others],
    }
