"""The same question as most would ask it: FastAPI, SQLAlchemy and pydantic over an indexed SQLite file, under uvicorn.

Also everything with a filter as lines of JSON, row by row.
"""
# mypy: ignore-errors

from __future__ import annotations

import os
from collections.abc import Iterator

from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict
from sqlalchemy import JSON, create_engine, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

ENGINE = create_engine(f"sqlite:///file:{os.environ['BENCH_SQLITE']}?mode=ro&immutable=1&uri=true")


class Base(DeclarativeBase):
    pass


class Observation(Base):
    __tablename__ = "observations"

    ordinal: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str]
    region: Mapped[str]
    region_name: Mapped[str]
    region_name_en: Mapped[str]
    indicator: Mapped[str]
    indicator_name: Mapped[str]
    indicator_name_en: Mapped[str | None]
    category: Mapped[str | None]
    year: Mapped[int]
    period: Mapped[str]
    role: Mapped[str]
    status: Mapped[str | None]
    measure: Mapped[str]
    base_period: Mapped[str | None]
    comparator: Mapped[str | None]
    value: Mapped[float | None]
    value_high: Mapped[float | None]
    unit: Mapped[str | None]
    unit_multiplier: Mapped[int | None]
    unit_label: Mapped[str | None]
    stance: Mapped[str | None]
    scope: Mapped[str | None]
    responsible: Mapped[list[str]] = mapped_column(JSON)
    designation: Mapped[str | None]
    preferred: Mapped[bool]
    quality: Mapped[list[str] | None] = mapped_column(JSON)
    document: Mapped[str]
    section: Mapped[str | None]
    table: Mapped[str | None]
    row: Mapped[str | None]
    quote: Mapped[str]
    quote_start: Mapped[int]
    quote_end: Mapped[int]
    source_name: Mapped[str]
    source_category: Mapped[str | None]


class Told(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    region: str
    region_name: str
    region_name_en: str
    indicator: str
    indicator_name: str
    indicator_name_en: str | None
    category: str | None
    year: int
    period: str
    role: str
    status: str | None
    measure: str
    base_period: str | None
    comparator: str | None
    value: float | None
    value_high: float | None
    unit: str | None
    unit_multiplier: int | None
    unit_label: str | None
    stance: str | None
    scope: str | None
    responsible: list[str]
    designation: str | None
    preferred: bool
    quality: list[str] | None
    document: str
    section: str | None
    table: str | None
    row: str | None
    quote: str
    quote_start: int
    quote_end: int
    source_name: str
    source_category: str | None


class Place(BaseModel):
    limit: int
    next: str | None
    total: int
    snapshot: str


class Page(BaseModel):
    data: list[Told]
    page: Place


app = FastAPI()


@app.get("/v1/regions/{region}/categories/{category}/years/{year}/observations")
def observations(region: str, category: str, year: int, limit: int = 100) -> Page:
    asked = (
        Observation.region == region,
        Observation.category == category,
        Observation.year == year,
        Observation.preferred.is_(True),
    )
    with Session(ENGINE) as session:
        rows = session.scalars(select(Observation).where(*asked).order_by(Observation.ordinal).limit(limit)).all()
        total = session.scalar(select(func.count()).select_from(Observation).where(*asked))
        following = str(rows[-1].ordinal) if len(rows) < total else None
        place = Place(limit=limit, next=following, total=total, snapshot="bench")
        return Page(data=[Told.model_validate(row) for row in rows], page=place)


@app.get("/export.ndjson")
def export(role: str) -> StreamingResponse:
    def lines() -> Iterator[str]:
        with Session(ENGINE) as session:
            question = select(Observation).where(Observation.role == role).order_by(Observation.ordinal)
            for row in session.scalars(question.execution_options(yield_per=1000)):
                yield Told.model_validate(row).model_dump_json() + "\n"

    return StreamingResponse(lines(), media_type="application/x-ndjson")
