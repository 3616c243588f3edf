"""What a room makes otherwise than before carries another number, or papers made with the old one would pass for fresh."""

import json

import pytest

from tests.build.rooms import GOLDEN, made


@pytest.fixture(scope="module")
def now():
    return made()


@pytest.mark.parametrize("room", ["@word", "@pdf", "@chart"])
def test_a_room_that_makes_other_bytes_of_the_same_input_says_so_by_its_number(now, room):
    before = json.loads(GOLDEN.read_text("utf-8"))[room]
    if now[room]["beside"] != before["beside"]:
        pytest.skip(f"noted with {before['beside']}; here is {now[room]['beside']}")
    where = "DRAWING in papers/charts.py" if room == "@chart" else f"ROOMS[{room!r}] in build/inputs.py"
    assert now[room]["sha256"] == before["sha256"] or now[room]["revision"] != before["revision"], (
        f"{room} makes other bytes: raise {where} by one, then note the new ones with python -m tests.build.rooms")
    assert now[room] == before, "the new number is there; note what it makes with python -m tests.build.rooms"
