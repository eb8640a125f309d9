"""Each figure can be checked without us: words, repairs, rule, catalogue entry, document, history."""

from __future__ import annotations

from pathlib import Path

from api.shapes import EXAMPLE
from tests import snapshots
from tests.snapshots import GDP, JINHUA, OLD, observation


def test_a_figure_is_traced_to_its_words_and_document(published: Path) -> None:
    with snapshots.client(published) as client:
        told = client.get(f"/v1/observations/{EXAMPLE}/provenance").json()
        assert told["observation"] == client.get(f"/v1/observations/{EXAMPLE}").json()
        assert told["indicator"] == client.get("/v1/indicators/gross_regional_product").json()
        assert told["document"] == client.get("/v1/documents/330702-2023-plan-report").json()
        assert told["rule"]
        assert [repair["code"] for repair in told["repairs"]] == told["observation"]["quality"]
        assert all(repair["name"] and repair["name_en"] for repair in told["repairs"])


def test_the_history_holds_targets_estimates_and_final_figures_as_they_came_out(tmp_path: Path) -> None:
    rows = (
        observation(GDP, 2022, "353", id="final"),
        observation(GDP, 2022, "350", id="estimate", region="330702", document=JINHUA, status="estimated"),
        observation(GDP, 2022, "360", id="target", role="target", document=OLD),
        observation(GDP, 2022, "353", id="part", scope="区属"),
        observation(GDP, 2021, "340", id="before"),
    )
    snapshots.publish(tmp_path, "s1", rows)
    with snapshots.client(tmp_path) as client:
        told = client.get("/v1/observations/estimate/provenance").json()
        assert [row["id"] for row in told["history"]] == ["target", "final"]
        assert client.get("/v1/observations/before/provenance").json()["history"] == []
        assert client.get("/v1/observations/nothing/provenance").status_code == 404
