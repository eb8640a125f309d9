"""Keys and limits as clients meet them: who is refused, who is counted, and what they are told."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from api import key_ring
from api.limits import Rate
from tests import snapshots
from tests.test_api_errors import problem

Client = TestClient[Any]
EXPORT = "/v1/exports/observations.csv"
FEW = Rate(3, 3600)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    snapshots.publish(tmp_path, "s1")
    return tmp_path


@pytest.fixture
def client(data: Path) -> Iterator[Client]:
    with snapshots.client(data) as found:
        yield found


def made(data: Path, *scopes: str, rate: Rate | None = None, **more: Any) -> dict[str, str]:
    """The headers that give a fresh key."""
    text, _ = key_ring.create(data, "test", frozenset(scopes or ("read",)), rate, more.get("expires"))
    return {"X-API-Key": text}


def test_reading_needs_no_key_and_exports_need_one_with_the_scope(data: Path, client: Client) -> None:
    assert client.get("/v1/observations").status_code == 200
    for path in (EXPORT, "/v1/usage"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["type"]) == (401, "urn:problem-type:plan-indicators:unauthorized")
        assert answer.headers["www-authenticate"] == 'ApiKey realm="plan-indicators", header="X-API-Key"'
    assert client.get(EXPORT, headers=made(data, "read")).status_code == 403
    assert client.get(EXPORT, headers=made(data, "export")).status_code == 200
    assert client.get("/v1/usage", headers=made(data, "read")).status_code == 200


@pytest.mark.parametrize("path", ["/v1", "/v1/observations", "/health/live", "/v1/nothing", "/docs", EXPORT])
@pytest.mark.parametrize("wrong", ["", "x", "pik_", "pik_" + "A" * 50, "' OR 1=1 --", "pik_\u00e9", "a" * 5000])
def test_a_wrong_key_is_refused_on_every_path(client: Client, path: str, wrong: str) -> None:
    answer = client.get(path, headers={b"X-API-Key": wrong.encode("latin-1")})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert "www-authenticate" in answer.headers
    assert wrong not in answer.text or len(wrong) < 2


def test_a_key_that_was_changed_in_one_place_is_refused(data: Path, client: Client) -> None:
    text = made(data)["X-API-Key"]
    for place in (4, 20, len(text) - 1):
        other = text[:place] + ("x" if text[place] != "x" else "y") + text[place + 1 :]
        assert client.get("/v1", headers={"X-API-Key": other}).status_code == 401
    assert client.get("/v1", headers={"X-API-Key": text}).status_code == 200


def test_revoked_and_rotated_keys_are_refused_within_a_second(data: Path, client: Client) -> None:
    revoked, rotated = made(data), made(data)
    for headers in (revoked, rotated):
        assert client.get("/v1", headers=headers).status_code == 200
    key_ring.revoke(data, revoked["X-API-Key"][:12])
    fresh, _ = key_ring.rotate(data, rotated["X-API-Key"][:12], timedelta(0))
    end = time.monotonic() + 1
    while (
        client.get("/v1", headers=revoked).status_code != 401 or client.get("/v1", headers=rotated).status_code != 401
    ):
        assert time.monotonic() < end
        time.sleep(0.02)
    assert "revoked" in client.get("/v1", headers=revoked | {"Accept-Language": "en"}).json()["detail"]
    assert client.get("/v1", headers={"X-API-Key": fresh}).status_code == 200


def test_a_key_opens_nothing_for_others_who_ask_the_same(data: Path, client: Client) -> None:
    holder = made(data, "read", "export")
    for _ in range(2):
        assert client.get(EXPORT, headers=holder).status_code == 200
        assert client.get(EXPORT).status_code == 401
        one, other = client.get("/v1/usage", headers=holder), client.get("/v1/usage", headers=made(data))
        assert one.json()["key"]["prefix"] == holder["X-API-Key"][:12] != other.json()["key"]["prefix"]
    assert "X-API-Key" in client.get("/v1").headers["vary"]
    assert client.get(EXPORT, headers=holder).headers["cache-control"] == "private, no-cache"


def test_an_address_is_limited_and_told_so_on_every_answer(data: Path) -> None:
    with snapshots.client(data, public_rate=FEW, metadata_rate=FEW) as client:
        for left, path in ((2, "/v1/observations"), (1, "/v1/nothing"), (0, "/v1/observations?x=1")):
            answer = client.get(path)
            assert answer.headers["ratelimit-policy"] == '"data";q=3;w=3600'
            assert answer.headers["ratelimit"].startswith(f'"data";r={left};t=')
        for path in ("/v1/observations", "/v1/nothing", "/v1//x"):
            answer = client.get(path)
            assert (answer.status_code, answer.json()["type"]) == (
                429,
                "urn:problem-type:plan-indicators:too-many-requests",
            )
            assert 1 <= int(answer.headers["retry-after"]) <= 1200
            assert answer.headers["access-control-allow-origin"] == "*"
            assert "x-request-id" in answer.headers
        assert client.get("/v1/regions").status_code == 200
    with snapshots.client(data, address="192.0.2.2", public_rate=FEW) as other:
        assert other.get("/v1/observations").status_code == 200


def test_limits_health_and_preflights_are_outside_every_quota(data: Path) -> None:
    with snapshots.client(data, public_rate=FEW, metadata_rate=FEW) as client:
        for _ in range(6):
            client.get("/v1/observations")
            client.get("/v1")
        assert client.get("/v1").status_code == 429
        for path in ("/v1/limits", "/health/live", "/health/ready", "/metrics"):
            answer = client.get(path)
            assert answer.status_code == 200
            assert "ratelimit" in answer.headers
        asked = {"Origin": "https://example.org", "Access-Control-Request-Method": "GET"}
        assert client.options("/v1/observations", headers=asked).status_code == 204


def test_304_and_kept_answers_count_too(data: Path) -> None:
    with snapshots.client(data, public_rate=FEW) as client:
        etag = client.get("/v1/observations").headers["etag"]
        seen = [client.get("/v1/observations", headers={"If-None-Match": etag}).status_code for _ in range(3)]
        assert seen == [304, 304, 429]


def test_a_key_has_its_own_limit(data: Path) -> None:
    with snapshots.client(data, public_rate=FEW, key_rate=Rate(5, 3600)) as client:
        usual, own = made(data), made(data, rate=Rate(7, 3600))
        assert '"data";q=5;w=3600' in client.get("/v1/observations", headers=usual).headers["ratelimit-policy"]
        assert '"data";q=7;w=3600' in client.get("/v1/observations", headers=own).headers["ratelimit-policy"]
        for _ in range(9):
            client.get("/v1/observations", headers=usual)
        assert client.get("/v1/observations", headers=usual).status_code == 429
        assert client.get("/v1/observations", headers=own).status_code == 200
        assert client.get("/v1/observations").status_code == 200


def test_a_key_s_own_rate_may_narrow_exports_and_never_widens_them(data: Path) -> None:
    with snapshots.client(data, export_rate=Rate(5, 3600)) as client:
        for own, told in ((Rate(2, 3600), 2), (Rate(9, 3600), 5)):
            answer = client.get(EXPORT, headers=made(data, "export", rate=own))
            assert answer.headers["ratelimit-policy"] == f'"exports";q={told};w=3600'


def test_a_key_without_the_scope_read_reads_like_anybody(data: Path) -> None:
    with snapshots.client(data, public_rate=FEW, key_rate=Rate(50, 3600)) as client:
        answer = client.get("/v1/observations", headers=made(data, "export"))
        assert (answer.status_code, answer.headers["ratelimit-policy"]) == (200, '"data";q=3;w=3600')


def test_wrong_keys_use_up_the_address(data: Path) -> None:
    with snapshots.client(data, public_rate=FEW) as client:
        seen = [client.get("/v1/observations", headers={"X-API-Key": "x"}).status_code for _ in range(5)]
        assert seen == [401, 401, 401, 429, 429]
        assert client.get("/v1/observations", headers=made(data)).status_code == 200


def test_two_applications_on_one_folder_count_together(data: Path) -> None:
    with snapshots.client(data, public_rate=FEW) as one, snapshots.client(data, public_rate=FEW) as two:
        seen = [client.get("/v1/observations").status_code for client in (one, two, one, two, one)]
    assert seen == [200, 200, 200, 429, 429]


def test_limits_are_told_as_data(data: Path) -> None:
    with snapshots.client(data, public_rate=FEW) as client:
        told = client.get("/v1/limits").json()
    rates = {(row["budget"], row["caller"]): (row["requests"], row["seconds"]) for row in told["data"]}
    assert rates[("data", "address")] == (3, 3600)
    assert rates[("data", "key")] == (6000, 60)
    assert set(rates) == {
        ("data", "address"),
        ("data", "key"),
        ("metadata", "address"),
        ("metadata", "key"),
        ("exports", "address"),
        ("exports", "key"),
    }
    bounds = {row["name"]: row["most"] for row in told["bounds"]}
    assert (bounds["indicators"], bounds["regions"], bounds["q"]) == (20, 100, 100)
    assert (bounds["page"], bounds["values"], bounds["snapshots"]) == (1000, 100, 3)


def test_usage_is_told_by_day_and_budget(data: Path, client: Client) -> None:
    headers = made(data, "read", "export", rate=Rate(100, 60))
    for path in ("/v1/observations", "/v1/observations?limit=1", "/v1", EXPORT, "/v1/observations?x=1"):
        client.get(path, headers=headers)
    told = client.get("/v1/usage", headers=headers).json()
    assert told["key"]["name"] == "test"
    assert told["key"]["scopes"] == ["export", "read"]
    used = {row["budget"]: row for row in told["data"]}
    assert {name: row["requests"] for name, row in used.items()} == {"data": 3, "metadata": 1, "exports": 1}
    assert all(row["bytes"] > 0 and row["day"].count("-") == 2 for row in told["data"])
    left = {row["budget"]: row for row in told["limits"]}
    assert (left["data"]["requests"], left["data"]["remaining"]) == (100, 97)
    assert client.get("/v1/usage", headers=headers).headers["cache-control"] == "no-store"


def test_errors_of_the_gate_have_the_shape_of_all_errors(data: Path) -> None:
    one = Rate(1, 3600)
    with snapshots.client(data, public_rate=one) as client:
        client.get("/v1/observations")
        problem(client.get("/v1/observations"), 429)
        problem(client.get("/v1/usage"), 401)
        problem(client.get(EXPORT, headers=made(data, "read")), 403)
        problem(client.get("/v1/observations", headers={"X-API-Key": "x"}), 429)
    with snapshots.client(data) as client:
        english = problem(client.get("/v1", headers={"X-API-Key": "x", "Accept-Language": "en"}), 401)
        assert english.detail == "X-API-Key holds no key of this service; it may be mistyped."


def test_an_expired_key_is_refused(data: Path, client: Client) -> None:
    headers = made(data, expires=datetime.now(UTC) + timedelta(seconds=0.4))
    assert client.get("/v1", headers=headers).status_code == 200
    time.sleep(0.5)
    answer = client.get("/v1", headers=headers | {"Accept-Language": "en"})
    assert (answer.status_code, "expired" in answer.json()["detail"]) == (401, True)


def test_where_keys_cannot_be_checked_reading_without_one_goes_on(data: Path, client: Client) -> None:
    headers = made(data)
    assert client.get("/v1", headers=headers).status_code == 200
    for path in data.glob("keys.sqlite*"):
        path.unlink()
    (data / "keys.sqlite").write_bytes(b"no database" * 1000)
    end = time.monotonic() + 2
    while client.get("/v1", headers=headers).status_code != 503:
        assert time.monotonic() < end
        time.sleep(0.05)
    answer = client.get("/v1", headers=headers)
    assert (answer.json()["type"], answer.headers["retry-after"]) == (
        "urn:problem-type:plan-indicators:keys-unavailable",
        "5",
    )
    assert str(data) not in answer.text
    assert client.get("/v1").status_code == 200
