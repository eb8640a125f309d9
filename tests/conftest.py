"""What several tests need: the documents where they are at hand, and the seeds as a published snapshot."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from loaders import archive, publication
from tests import snapshots


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder with ``documents/`` and ``gold/``."""
    named = os.environ.get("PLAN_INDICATORS_CORPUS")
    if not named or not (Path(named) / "documents").is_dir():
        pytest.skip("PLAN_INDICATORS_CORPUS names no folder with documents/ and gold/")
    return Path(named)


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which the bundled seeds are published."""
    data = tmp_path_factory.mktemp("data")
    assert publication.publish(data, archive.read())
    return data


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which the small snapshot of the API's tests is published, for the tests of one module."""
    folder = tmp_path_factory.mktemp("data")
    snapshots.publish(folder, "s1")
    return folder
