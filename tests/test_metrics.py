"""Metrics: what is counted, under which names, and how processes add up."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import values
from prometheus_client.parser import text_string_to_metric_families

from api import metrics
from api.metrics import Metrics

HERE = Path(__file__).parents[1]
ROUTE = "/v1/regions/{region}"
WORKER = """
import sys
from api.metrics import Metrics
counts = Metrics()
for _ in range(int(sys.argv[1])):
    counts.count("/v1", "GET", 200, 0.01, 100, "kept")
counts.refused("rate_limit")
counts.snapshot(sys.argv[2], int(sys.argv[3]), 1.7e9, sys.argv[4] == "True")
print(flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    """The library's choice of values is one for the whole process."""
    before = values.ValueClass
    yield
    values.ValueClass = before


@pytest.fixture
def folder() -> Iterator[Path]:
    """The folder of a server's processes."""
    with metrics.shared():
        yield Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])


def samples(page: bytes) -> dict[str, float]:
    """The values of a page by name and labels, as ``name{a=b}``."""
    return {
        f"{sample.name}{{{','.join(f'{name}={text}' for name, text in sorted(sample.labels.items()))}}}": sample.value
        for family in text_string_to_metric_families(page.decode())
        for sample in family.samples
    }


def worker(count: int, snapshot: str, observations: int, problem: bool = False) -> subprocess.Popen[bytes]:
    """A process that has counted and waits."""
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(count), snapshot, str(observations), str(problem)],
        cwd=HERE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"\n"
    return process


def kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()


def test_requests_are_counted_by_template_method_and_status() -> None:
    counts = Metrics()
    counts.count(ROUTE, "GET", 200, 0.01, 26_000)
    counts.count(ROUTE, "GET", 200, 3.0, 1_000)
    counts.count(ROUTE, "HEAD", 404, 0.0, 0)
    found = samples(counts.page())
    assert found[f"plan_indicators_http_requests_total{{method=GET,route={ROUTE},status=200}}"] == 2
    assert found[f"plan_indicators_http_requests_total{{method=HEAD,route={ROUTE},status=404}}"] == 1
    assert found[f"plan_indicators_http_response_bytes_total{{route={ROUTE}}}"] == 27_000
    seconds = "plan_indicators_http_request_duration_seconds"
    assert found[f"{seconds}_count{{route={ROUTE}}}"] == 3
    assert found[f"{seconds}_sum{{route={ROUTE}}}"] == pytest.approx(3.01)
    assert found[f"{seconds}_bucket{{le=0.025,route={ROUTE}}}"] == 2
    assert found[f"{seconds}_bucket{{le=+Inf,route={ROUTE}}}"] == 3


def test_unknown_paths_and_methods_are_counted_under_one_label() -> None:
    counts = Metrics()
    counts.count("", "GET", 404, 0.01, 0)
    counts.count("", "BREW", 405, 0.01, 0)
    counts.count(ROUTE, "DELETE", 405, 0.01, 0)
    found = samples(counts.page())
    assert found["plan_indicators_http_requests_total{method=GET,route=other,status=404}"] == 1
    assert found["plan_indicators_http_requests_total{method=other,route=other,status=405}"] == 1
    assert found[f"plan_indicators_http_requests_total{{method=other,route={ROUTE},status=405}}"] == 1


def test_paths_in_place_of_templates_and_odd_methods_do_not_grow_without_end() -> None:
    counts = Metrics()
    for number in range(3_000):
        counts.count(f"/v1/regions/{number}", f"M{number}", 200, 0.01, 0)
    found = samples(counts.page())
    requests = [name for name in found if name.startswith("plan_indicators_http_requests_total")]
    assert len(requests) == 201
    assert found["plan_indicators_http_requests_total{method=other,route=other,status=200}"] == 2_800


def test_refusals_and_kept_answers_are_counted_from_nought() -> None:
    counts = Metrics()
    found = samples(counts.page())
    assert found["plan_indicators_refused_total{reason=rate_limit}"] == 0
    assert found["plan_indicators_answers_total{outcome=not_modified}"] == 0
    counts.refused("rate_limit")
    counts.refused("key")
    counts.refused("anything")  # type: ignore[arg-type]
    counts.count(ROUTE, "GET", 200, 0.01, 1, "not_modified")
    counts.count(ROUTE, "GET", 200, 0.01, 1, "made")
    counts.count(ROUTE, "GET", 200, 0.01, 1, "made")
    found = samples(counts.page())
    assert found["plan_indicators_refused_total{reason=rate_limit}"] == 1
    assert found["plan_indicators_refused_total{reason=other}"] == 1
    assert found["plan_indicators_answers_total{outcome=not_modified}"] == 1
    assert found["plan_indicators_answers_total{outcome=made}"] == 2
    assert found["plan_indicators_answers_total{outcome=kept}"] == 0


def test_the_snapshot_that_is_served_is_shown_and_no_earlier_one() -> None:
    counts = Metrics()
    counts.snapshot("s1", 1_500, 1_700_000_000.0, problem=False)
    counts.snapshot("s2", 1_600, 1_700_000_060.0, problem=True)
    counts.snapshot("s2", 1_600, 1_700_000_060.0, problem=True)
    found = samples(counts.page())
    assert {name: value for name, value in found.items() if "indicators_snapshot" in name} == {
        "plan_indicators_snapshot_info{snapshot=s2}": 1,
        "plan_indicators_snapshot_observations{}": 1_600,
        "plan_indicators_snapshot_published_timestamp_seconds{}": 1_700_000_060,
        "plan_indicators_snapshot_problem{}": 1,
    }


def test_the_page_is_prometheus_text_with_a_help_and_a_type_for_each_family() -> None:
    counts = Metrics()
    counts.count(ROUTE, "GET", 200, 0.01, 1)
    page = counts.page().decode()
    assert metrics.CONTENT_TYPE == "text/plain; version=0.0.4; charset=utf-8"
    assert "# TYPE plan_indicators_http_requests_total counter\n" in page
    assert "# TYPE plan_indicators_http_request_duration_seconds histogram\n" in page
    assert "# TYPE plan_indicators_snapshot_problem gauge\n" in page
    assert "_created" not in page
    assert page.count("# HELP ") == page.count("# TYPE ") == 9


def test_applications_of_one_process_count_each_for_themselves() -> None:
    one, two = Metrics(), Metrics()
    one.count(ROUTE, "GET", 200, 0.01, 1, "kept")
    assert samples(one.page())["plan_indicators_answers_total{outcome=kept}"] == 1
    assert samples(two.page())["plan_indicators_answers_total{outcome=kept}"] == 0


def test_processes_of_one_server_are_added_up(folder: Path) -> None:
    one, two = worker(2, "s1", 10), worker(3, "s1", 10)
    reader = Metrics()
    reader.count(ROUTE, "GET", 200, 0.01, 1, "kept")
    found = samples(reader.page())
    reader.close()
    kill(one)
    kill(two)
    assert found["plan_indicators_http_requests_total{method=GET,route=/v1,status=200}"] == 5
    assert found["plan_indicators_http_request_duration_seconds_count{route=/v1}"] == 5
    assert found["plan_indicators_http_request_duration_seconds_bucket{le=0.025,route=/v1}"] == 5
    assert found["plan_indicators_http_response_bytes_total{route=/v1}"] == 500
    assert found["plan_indicators_answers_total{outcome=kept}"] == 6
    assert found["plan_indicators_refused_total{reason=rate_limit}"] == 2
    assert found["plan_indicators_snapshot_info{snapshot=s1}"] == 1


def test_what_a_dead_process_counted_stays_and_what_it_said_of_its_state_goes(folder: Path) -> None:
    first = worker(2, "s1", 10, problem=True)
    second = worker(1, "s2", 20)
    reader = Metrics()
    before = samples(reader.page())
    kill(first)
    after = samples(reader.page())
    reader.close()
    kill(second)
    assert before["plan_indicators_snapshot_info{snapshot=s1}"] == 1
    assert before["plan_indicators_snapshot_problem{}"] == 1
    assert before["plan_indicators_snapshot_observations{}"] == 20
    assert "plan_indicators_snapshot_info{snapshot=s1}" not in after
    assert after["plan_indicators_snapshot_info{snapshot=s2}"] == 1
    assert after["plan_indicators_snapshot_problem{}"] == 0
    assert after["plan_indicators_http_requests_total{method=GET,route=/v1,status=200}"] == 3
    assert [path.name for path in folder.glob("gauge_*") if f"_{first.pid}-" in path.name] == []


def test_two_objects_of_one_process_do_not_write_into_each_other_s_files(folder: Path) -> None:
    one, two = Metrics(), Metrics()
    for number in range(300):
        one.count("/a", "GET", 200 + number, 0.01, 1)
        two.count("/b", "GET", 200 + number, 0.01, 1)
    found = samples(two.page())
    one.close()
    two.close()
    assert found["plan_indicators_http_response_bytes_total{route=/a}"] == 300
    assert found["plan_indicators_http_response_bytes_total{route=/b}"] == 300


def test_what_comes_after_the_end_is_not_counted_and_fails_no_request(folder: Path) -> None:
    one, two = Metrics(), Metrics()
    one.count(ROUTE, "GET", 200, 0.01, 1)
    one.close()
    one.close()
    one.count(ROUTE, "GET", 200, 0.01, 1)
    one.count(ROUTE, "GET", 200, 0.01, 1, "kept")
    one.refused("key")
    one.snapshot("s1", 1, 1.0, problem=False)
    two.count(ROUTE, "GET", 200, 0.01, 1)
    found = samples(two.page())
    two.close()
    assert found[f"plan_indicators_http_response_bytes_total{{route={ROUTE}}}"] == 2
    assert found["plan_indicators_answers_total{outcome=kept}"] == 0


def test_processes_forked_after_the_library_was_imported_count_together(folder: Path) -> None:
    parent = Metrics()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # newer Pythons warn of threads of other tests
        child = os.fork()
    if child == 0:
        counts = Metrics()
        counts.count("/v1", "GET", 200, 0.01, 7)
        os._exit(0)
    os.waitpid(child, 0)
    found = samples(parent.page())
    parent.close()
    assert found["plan_indicators_http_response_bytes_total{route=/v1}"] == 7


def test_the_folder_is_gone_when_the_server_has_ended() -> None:
    with metrics.shared():
        place = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
        counts = Metrics()
        counts.count(ROUTE, "GET", 200, 0.01, 1, "made")
        assert list(place.glob("counter_*.db"))
        counts.close()
    assert not place.exists()
    assert "PROMETHEUS_MULTIPROC_DIR" not in os.environ
