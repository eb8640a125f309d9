"""A snapshot and a format in, the metadata document of that export out: a file that explains itself."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from api import __version__, export, files
from api.export import Format, Kind
from api.shapes import Count, Day, DocumentId, Observation, Shape
from api.snapshot import Snapshot

LISTED = 1_000  # documents at the most
DEFINED = 5_000  # indicators with their definitions

_HOW: dict[Format, str] = {
    "ndjson": "One JSON object in a line, ended by a newline. UTF-8.",
    "csv": 'Comma-separated (RFC 4180) with a header, lines ended by CR LF, UTF-8. Lists are joined with ";"; '
    "nothing between two commas is null.",
    "parquet": "Apache Parquet, zstd; decimals are DECIMAL(24, 6). Key-value metadata: title, snapshot, licence, citation.",
    "arrow": "Apache Arrow IPC stream; decimals are decimal128(24, 6). Schema metadata: title, snapshot, licence, citation.",
}


class ExportSnapshot(Shape, frozen=True, kw_only=True):
    """The published state of the data that an export holds."""

    id: Annotated[str, Meta(description="Changes with every publication")]
    published_at: Annotated[str, Meta(extra_json_schema={"format": "date-time"}, examples=["2026-01-31T08:00:00Z"])]


class ExportField(Shape, frozen=True, kw_only=True):
    """A field of an export; fields stand in this order."""

    name: Annotated[str, Meta(examples=["value"])]
    type: Annotated[Kind, Meta(description="list is a list of texts", examples=["decimal"])]
    nullable: bool
    description: Annotated[str | None, Meta(examples=["Exact decimal in the unit"])]
    values: Annotated[list[str] | None, Meta(description="All values, where the list is closed; /v1/codes names them")]


class ExportUnit(Shape, frozen=True, kw_only=True):
    """A unit that values are given in."""

    id: Annotated[str, Meta(examples=["CNY"])]
    name: Annotated[str, Meta(description="Name in Chinese", examples=["元"])]
    name_en: Annotated[str, Meta(description="Name in English", examples=["yuan"])]


class ExportSource(Shape, frozen=True, kw_only=True):
    """A document that observations were read from."""

    id: DocumentId
    title: str
    issuer: str | None
    number: Annotated[str | None, Meta(description="The document's number", examples=["婺区政发〔2023〕4号"])]
    published_on: Day | None
    url: str | None
    sha256: Annotated[str, Meta(description="Digest of the document's bytes")]


class ExportIndicator(Shape, frozen=True, kw_only=True):
    """What an indicator is."""

    id: Annotated[str, Meta(examples=["gross_regional_product"])]
    name: str
    name_en: str | None
    category: str | None
    unit_label: Annotated[str | None, Meta(description="The default unit, as people write it", examples=["亿元"])]
    definition: Annotated[str | None, Meta(description="Null where the name says it, or it is not reviewed")]


class ExportLicence(Shape, frozen=True, kw_only=True):
    """What may be done with the data and with the code."""

    data: str
    code: str


class ExportMetadata(Shape, frozen=True, kw_only=True):
    """What an export of all observations holds, and how to read, check and cite it."""

    name: Annotated[str, Meta(examples=["observations"])]
    title: str
    description: Annotated[str, Meta(description="How the file is to be read")]
    contract: Annotated[str, Meta(description="Version of the OpenAPI document", examples=["0.1.0"])]
    format: Format
    media_type: Annotated[str, Meta(examples=["text/csv; header=present"])]
    snapshot: ExportSnapshot
    rows: Annotated[int, Meta(ge=0, description="How many observations the export without filters holds")]
    bytes: Annotated[int | None, Meta(description="Size of the file without filters; null where none is prepared")]
    sha256: Annotated[str | None, Meta(description="Digest of the file without filters; null where none is prepared")]
    fields: list[ExportField]
    units: Annotated[list[ExportUnit], Meta(description="The units in use")]
    indicators: Annotated[
        list[ExportIndicator],
        Meta(description=f"The indicators in use with their definitions, by id, at most {DEFINED}"),
    ]
    indicators_total: Count
    documents: Annotated[list[ExportSource], Meta(description=f"The source documents by id, at most {LISTED}")]
    documents_total: Count
    licence: ExportLicence
    citation: Annotated[str, Meta(description="How to cite this state of the data")]
    links: Annotated[dict[str, str], Meta(description="Paths of this server by name")]


def describe(snapshot: Snapshot, form: Format) -> ExportMetadata:
    """The metadata document of the export in a format, from the snapshot and the file prepared beside it."""
    card = snapshot.extent
    sources = snapshot.ask("sources", {"limit": LISTED})
    used = snapshot.ask("indicators_used", {"limit": DEFINED})
    file = files.digest(snapshot, form)
    return ExportMetadata(
        name="observations",
        title=export.TITLE,
        description=_HOW[form],
        contract=__version__,
        format=form,
        media_type=export.MEDIA[form],
        snapshot=ExportSnapshot(id=snapshot.id, published_at=card["published_at"]),
        rows=card["rows"],
        bytes=file.bytes if file else None,
        sha256=file.sha256 if file else None,
        fields=fields(),
        units=_units(snapshot),
        indicators=[ExportIndicator(**{name: row[name] for name in ExportIndicator.__struct_fields__}) for row in used],
        indicators_total=used[0]["total"] if used else 0,
        documents=[ExportSource(**{name: row[name] for name in ExportSource.__struct_fields__}) for row in sources],
        documents_total=sources[0]["total"] if sources else 0,
        licence=ExportLicence(data=export.LICENCE_DATA, code=export.LICENCE_CODE),
        citation=export.citation(snapshot.id, card["published_at"]),
        links={
            "data": f"/v1/exports/observations.{form}",
            **{
                name: f"/v1/{name}" for name in ("indicators", "categories", "regions", "documents", "codes", "changes")
            },
            "openapi": "/openapi.json",
        },
    )


def fields() -> list[ExportField]:
    """The fields of an observation, with the descriptions that the OpenAPI document has too."""
    _, schemas = msgspec.json.schema_components([Observation])
    properties: dict[str, Any] = schemas["Observation"]["properties"]
    found = []
    for name, (kind, nullable) in export.KINDS.items():
        schema = properties[name]
        closed = [each["enum"] for each in (schema, *schema.get("anyOf", ())) if "enum" in each]
        found.append(
            ExportField(
                name=name,
                type=kind,
                nullable=nullable,
                description=schema.get("description"),
                values=[value for value in closed[0] if value is not None] if closed else None,
            )
        )
    return found


def _units(snapshot: Snapshot) -> list[ExportUnit]:
    used = {row["unit"] for row in snapshot.ask("units_used", {})}
    lists = {row["name"]: row["codes"] for row in snapshot.ask("codes", {})}
    return [
        ExportUnit(id=unit["code"], name=unit["name"], name_en=unit["name_en"])
        for unit in lists.get("units", ())
        if unit["code"] in used
    ]
