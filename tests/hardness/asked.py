"""Questions of all kinds in, what cannot be in their answers out. Data are the editions of ``tests.hardness.made``."""

from __future__ import annotations

import gzip
import hashlib
import io
import itertools
import json
import random
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from tests.hardness.load import Answer, Client, Failed, Headers
from tests.hardness.made import REGIONS, Edition

LATE = 5.0  # seconds after which no process may answer from an edition that is no longer the current one
_EDITION = re.compile(rb"edition-(\d+)-")
_SNAPSHOT = re.compile(rb'"snapshot":(?:\{"id":)?"([^"]+)"')
_BINARY = {
    "parquet": lambda body: pq.read_table(io.BytesIO(body)),
    "arrow": lambda body: pa.ipc.open_stream(body).read_all(),
}
_MOST = 20  # faults that are told


class Watch:
    """What all clients were told."""

    def __init__(self, *, patient: bool = False) -> None:
        self.patient = patient  # whether a 503 that says when to come again is no fault
        self.kinds = Counter[str]()
        self.statuses = Counter[int]()
        self.reopened = 0  # connections that were closed just when they were used again
        self.wrong: list[str] = []
        self.taken: list[tuple[float, float]] = []  # when, and seconds of the answer
        self._told: set[tuple[str, int]] = set()  # snapshots and the editions that their answers were of
        self._totals: set[tuple[str, int]] = set()
        self._latest: dict[str, float] = {}  # when a snapshot was last asked of and still the current one
        self._digests: dict[tuple[str, ...], bytes] = {}
        self._of: dict[str, str] = {}  # entity tags and their snapshots

    def fault(self, text: str) -> None:
        if len(self.wrong) < _MOST:
            self.wrong.append(text)

    def total(self, snapshot: str, total: int) -> None:
        """All observations of a snapshot were counted."""
        self._totals.add((snapshot, total))

    def see(self, target: str, headers: Headers, answer: Answer, body: bytes, began: float) -> None:
        """A good answer, or one that says that nothing changed."""
        tag = answer.headers.get("etag", "")
        if answer.status == 304:
            if tag not in headers["If-None-Match"]:
                self.fault(f"{target}: 304 for what the client has not")
            self._current(self._of.get(tag), began)
            return
        editions = set(_EDITION.findall(body))
        mixed = "/v1/changes" in target  # what was and what is stand side by side
        if len(editions) > 1 and not mixed:
            self.fault(f"{target}: mixes editions {editions}")
        found = _SNAPSHOT.search(body)
        snapshot = "" if found is None else found[1].decode()
        if snapshot and editions and not mixed:
            self._told.add((snapshot, int(max(editions))))
        if tag and answer.status == 200 and body:
            key = (target, headers.get("Accept", ""), headers.get("Accept-Encoding", ""), tag)
            digest = hashlib.sha256(answer.body).digest()
            if self._digests.setdefault(key, digest) != digest:
                self.fault(f"{target}: two answers with the entity tag {tag}")
            self._of[tag] = snapshot
        if "cursor=" not in target:
            self._current(snapshot, began)

    def _current(self, snapshot: str | None, began: float) -> None:
        if snapshot:
            self._latest[snapshot] = max(self._latest.get(snapshot, 0.0), began)

    def verify(self, editions: Sequence[tuple[float, Edition]]) -> float:
        """Holds what was told against what was published, and when; the most seconds that an old edition answered."""
        known = {edition.snapshot: edition for _, edition in editions}
        for snapshot, number in sorted(self._told):
            if snapshot not in known or known[snapshot].number != number:
                self.fault(f"snapshot {snapshot}: answers of edition {number}")
        for snapshot, total in sorted(self._totals):
            if snapshot not in known or known[snapshot].observations != total:
                self.fault(f"snapshot {snapshot}: {total} observations")
        over = {one.snapshot: after for (_, one), (after, _) in itertools.pairwise(editions)}
        late = max((self._latest.get(name, 0.0) - end for name, end in over.items()), default=0.0)
        if late > LATE:
            self.fault(f"an edition answered {late:.1f} s after the next was published")
        return max(late, 0.0)


class Asker:
    """A client that asks questions of all kinds, one after the other."""

    def __init__(self, port: int, key: str, watch: Watch, seed: int) -> None:
        self.client = Client(port)
        self._key, self._watch = {"X-API-Key": key}, watch
        self._chance = random.Random(seed)  # noqa: S311 - an order, no secret
        self._ids: list[str] = []
        self._snapshots: list[str] = []

    async def ask(self, target: str, headers: Headers | None = None, method: str = "GET") -> bytes | None:
        """The body of a good answer; None of any other."""
        began, headers, reopened = time.time(), headers or {}, self.client.reopened
        try:
            answer = await self.client.ask(target, headers, method)
        except Failed as error:
            self._watch.fault(str(error))
            return None
        self._watch.reopened += self.client.reopened - reopened
        self._watch.statuses[answer.status] += 1
        self._watch.taken.append((began, answer.seconds))
        body = gzip.decompress(answer.body) if answer.headers.get("content-encoding") == "gzip" else answer.body
        if answer.status in (200, 206, 304):
            self._watch.see(target, headers, answer, body, began)
            self._tag = answer.headers.get("etag", "")
            return body
        gone = answer.status == 410 and ("cursor=" in target or "since=" in target)
        if not gone and not (self._watch.patient and answer.status == 503 and "retry-after" in answer.headers):
            self._watch.fault(f"{method} {target}: {answer.status} {body[:200].decode('utf-8', 'replace')}")
        return None

    async def one(self) -> None:
        """One question of any kind, with those that follow from its answer."""
        kind = self._chance.choices(list(_KINDS), [weight for weight, _ in _KINDS.values()])[0]
        self._watch.kinds[kind] += 1
        await _KINDS[kind][1](self)

    async def page(self) -> None:
        region, year = self._chance.choice(REGIONS), self._chance.randrange(2014, 2023)
        target = self._chance.choice(
            [
                f"/v1/observations?limit={self._chance.randrange(1, 300)}",
                f"/v1/regions/{region}/observations?selection=all",
                f"/v1/regions/{region}/categories/economy/years/{year}/observations",
                f"/v1/years/{year}/observations?role=target&sort=-region",
                f"/v1/observations?indicator=gross_regional_product&fields=id,section,value,year&limit={self._chance.randrange(1, 99)}",
            ]
        )
        body = await self.ask(target, self._chance.choice([{}, {"Accept-Encoding": "gzip"}]))
        if body:
            found = json.loads(body, parse_float=Decimal)
            self._ids = [row["id"] for row in found["data"]] or self._ids
            self._snapshots = [*self._snapshots, found["page"]["snapshot"]][-5:]
            self._stamped(target, [row["value"] for row in found["data"]])

    def _stamped(self, target: str, values: Sequence[Any]) -> None:
        editions = {(Decimal(value) * 1000 % 1000 + 1000) % 1000 for value in values if value is not None}
        if len(editions) > 1:
            self._watch.fault(f"{target}: mixes numbers of editions {editions}")

    async def item(self) -> None:
        if self._ids:
            path = f"/v1/observations/{self._chance.choice(self._ids)}"
            await self.ask(path + self._chance.choice(["", "/provenance"]))

    async def cursors(self) -> None:
        """All pages of a query: of one snapshot, and as many rows as it says."""
        region = self._chance.choice(["", *(f"region={region}&" for region in REGIONS)])
        target, ids, first = f"/v1/observations?{region}selection=all&limit=1000&fields=id,section", [], None
        following: str | None = target
        while following:
            body = await self.ask(following)
            if not body:
                return
            found = json.loads(body)
            first = first or found["page"]
            if (found["page"]["snapshot"], found["page"]["total"]) != (first["snapshot"], first["total"]):
                self._watch.fault(f"{following}: a page of another snapshot")
            ids += [row["id"] for row in found["data"]]
            cursor = found["page"]["next"]
            following = cursor and f"{target}&cursor={cursor}"
        if first is None or len(ids) != first["total"] or len(ids) != len(set(ids)):
            self._watch.fault(f"{target}: {len(ids)} rows, {len(set(ids))} ids, {first}")
        elif not region:
            self._watch.total(first["snapshot"], len(ids))

    async def comparison(self) -> None:
        target = f"/v1/comparisons/{self._chance.choice(INDICATORS)}?measure={self._chance.choice(['level', 'growth'])}"
        body = await self.ask(target + "".join(f"&region={region}" for region in REGIONS))
        if body:
            found = json.loads(body, parse_float=Decimal)["regions"]
            self._stamped(target, [value for one in found for value in _stated(one)])

    async def judgement(self) -> None:
        region = f"region={self._chance.choice(REGIONS)}"
        await self.ask(
            self._chance.choice(
                [
                    f"/v1/assessments?{region}&limit={self._chance.randrange(1, 100)}",
                    f"/v1/assessments?year={self._chance.randrange(2014, 2023)}",
                    f"/v1/assessments/summary?{region}",
                    f"/v1/discrepancies?{region}",
                    f"/v1/discrepancies?limit={self._chance.randrange(1, 100)}",
                ]
            )
        )

    async def search(self) -> None:
        text = self._chance.choice(["生产总值", "shengchan", "gdzctz", "收入", "income", "工业"])
        await self.ask(f"/v1/{self._chance.choice(['observations', 'indicators'])}?q={quote(text)}&limit=50")

    async def table(self) -> None:
        region = self._chance.choice(REGIONS)
        await self.ask(f"/v1/observations?region={region}&selection=all&limit=500", {"Accept": "text/csv"})

    async def export(self) -> None:
        form, region = self._chance.choice(["ndjson", "csv", "parquet", "arrow"]), self._chance.choice(["", *REGIONS])
        target = f"/v1/exports/observations.{form}" + (f"?region={region}" if region else "")
        body = await self.ask(target, self._key)
        if body and form in _BINARY:
            found = _BINARY[form](body)
            editions, snapshot = set(found["section"].to_pylist()), found.schema.metadata[b"snapshot"].decode()
            if len(editions) != 1:
                self._watch.fault(f"{target}: mixes {editions}")
            if not region:
                self._watch.total(snapshot, found.num_rows)
        elif body is not None and not (rows := body.count(b"\n")):
            self._watch.fault(f"{target}: {rows} lines")

    async def again(self) -> None:
        """A question, and the same with the entity tag of its answer: there is nothing new, or it is another."""
        target = self._chance.choice(["/v1", "/v1/regions", f"/v1/regions/{REGIONS[0]}/observations?limit=200"])
        if await self.ask(target):
            before = self._tag
            body = await self.ask(target, {"If-None-Match": before})
            if body and self._tag == before:
                self._watch.fault(f"{target}: the whole for who has it")

    async def head(self) -> None:
        if await self.ask(f"/v1/observations?limit={self._chance.randrange(1, 300)}", method="HEAD"):
            self._watch.fault("HEAD: a body")

    async def operator(self) -> None:
        target = self._chance.choice(["/health/live", "/health/ready", "/metrics", "/v1/limits"])
        body = await self.ask(target)
        if body and target == "/health/ready" and json.loads(body)["stale"]:
            self._watch.fault(f"{target}: {body.decode()}")

    async def about(self) -> None:
        target = self._chance.choice(
            ["/v1", "/v1/years", "/v1/indicators?limit=20", "/v1/documents", "/v1/codes", "/docs"]
        )
        body = await self.ask(target)
        if body and target == "/v1":
            found = json.loads(body)["snapshot"]
            self._watch.total(found["id"], found["observations"])

    async def changes(self) -> None:
        if self._snapshots:
            await self.ask(f"/v1/changes?since={self._chance.choice(self._snapshots)}&limit=20")


def _stated(region: dict[str, Any]) -> list[Any]:
    """The numbers of a region in a comparison that a document states, not those that follow from them."""
    return [
        value
        for side in ("target", "actual")
        for value, identity in zip(region[f"{side}s"], region[f"{side}_notes"]["ids"], strict=True)
        if identity
    ]


INDICATORS = ("gross_regional_product", "gross_industrial_output_value", "total_retail_sales_of_consumer_goods")
_KINDS: dict[str, tuple[int, Callable[[Asker], Awaitable[None]]]] = {
    "page": (20, Asker.page),
    "item": (10, Asker.item),
    "cursors to the end": (3, Asker.cursors),
    "comparison": (5, Asker.comparison),
    "judgement": (5, Asker.judgement),
    "search": (5, Asker.search),
    "CSV": (5, Asker.table),
    "export": (5, Asker.export),
    "asked again": (15, Asker.again),
    "HEAD": (5, Asker.head),
    "for operators": (5, Asker.operator),
    "about": (5, Asker.about),
    "changes": (2, Asker.changes),
}
