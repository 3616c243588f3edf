from pathlib import Path

from pipeline.tables.columns import TABLES
from pipeline.tables.guide import BEGIN, END, guide

MANUAL = (Path(__file__).parents[2] / "docs/tables.md").read_text("utf-8")


def test_the_manual_lists_the_columns_as_they_are():
    assert MANUAL[MANUAL.index(BEGIN):MANUAL.index(END) + len(END)] == guide()


def test_every_heading_stands_in_the_manual():
    assert [spec.heading for specs in TABLES.values() for spec in specs if f"{spec.heading}" not in guide()] == []
