"""What Schemathesis cannot know of the contract; loaded by tests/schemathesis.toml."""

from __future__ import annotations

from typing import Any

import schemathesis
from schemathesis.openapi.checks import RejectedPositiveData
from schemathesis.specs.openapi.checks import positive_data_acceptance


@schemathesis.check
def acceptance_of_valid_data(ctx: Any, response: Any, case: Any) -> bool | None:
    """The check positive_data_acceptance, but for causes of a 400 or 410 that no schema can say.

    A cursor of the right form that the server never gave, or gave for another query; a snapshot that is not kept;
    and contradictions: year_from after year_to, a period that ends before it begins, a sort by one field both ways.
    """
    try:
        found: bool | None = positive_data_acceptance(ctx, response, case)
    except RejectedPositiveData:
        if response.status_code == 410 and "since" in case.query:
            return None
        if response.status_code == 400 and _beyond_schema(response.json()["errors"], case.query):
            return None
        raise
    return found


def _beyond_schema(errors: list[dict[str, Any]], query: dict[str, Any]) -> bool:
    causes = {error["parameter"] for error in errors}
    contradictions = {
        "year_from": lambda: int(query["year_from"]) > int(query["year_to"]),
        "period": lambda: any("/" in period for period in query["period"]),
        "sort": lambda: len({name.removeprefix("-") for name in query["sort"]}) < len(query["sort"]),
    }
    return causes <= {"cursor", *(name for name in causes & contradictions.keys() if contradictions[name]())}
