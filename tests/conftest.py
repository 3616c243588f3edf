"""Workspaces that several rooms' tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.office import MAIN_JOB, gremium, small

os.environ["GREMIUM_LANG"] = "de"       # whatever this machine's language is


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A small workspace in which nothing has been made yet."""
    return small(tmp_path)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small workspace after the whole main job, made once; tests only look at it."""
    folder = small(tmp_path_factory.mktemp("finished"))
    for words in MAIN_JOB:
        done = gremium(folder, *words)
        assert done.returncode == 0, (words, done.stderr)
    return folder
