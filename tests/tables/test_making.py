"""Many records at once are what single ones would have been."""

import pytest

from pipeline.records import Address, Topic
from pipeline.tables.making import made


def test_records_made_by_column_equal_those_made_one_by_one():
    assert made(Address, 2, street=["Markt 1", ""], city=["Lünen", "Hagen"]) == [Address(street="Markt 1", city="Lünen"), Address(city="Hagen")]


def test_a_record_made_by_column_cannot_be_changed():
    [address] = made(Address, 1, city=["Lünen"])
    with pytest.raises(AttributeError):
        address.city = "Hagen"


def test_no_rows_make_no_records():
    assert made(Address, 0, city=[]) == []


def test_a_column_the_record_does_not_have_is_refused():
    with pytest.raises(TypeError, match="Address has no town"):
        made(Address, 1, town=["Lünen"])


@pytest.mark.parametrize("columns", [{}, {"key": ["energie"]}])
def test_a_field_without_value_is_refused(columns):
    with pytest.raises(TypeError, match="has no value"):
        made(Topic, 1, **columns)


def test_a_short_column_is_refused():
    with pytest.raises(TypeError, match=r"Address\.city has no value"):
        made(Address, 2, city=["Lünen"], street=["Markt 1", "Markt 2"])
