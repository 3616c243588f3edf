"""What a paper costs does not grow unnoticed: counts that no machine changes, beside those kept in bench/counts.json."""

from __future__ import annotations

import json

import pytest

from bench.counts import KEPT, WORK, commands, rooms, worse

KEPT_COUNTS = json.loads(KEPT.read_text("utf-8"))


@pytest.mark.slow
def test_one_paper_more_costs_no_more_statements_syncs_bytes_parses_and_layouts_than_before():
    assert not worse(commands(), KEPT_COUNTS)


@pytest.mark.slow
def test_a_room_takes_no_more_instructions_for_a_paper_than_before():
    found = rooms(list(WORK))
    assert not worse(found, KEPT_COUNTS)
    assert all(counts["instructions"] > 1_000_000 for counts in found.values())      # something was counted
    assert found["guard, one of 20,000"]["instructions"] < 1.2 * found["guard, one of 10"]["instructions"]      # nor dearer among many
