"""How long `check` takes for many partner rows, beside reading the same cells with python-calamine alone, and with pandas.

    python -m bench.tables [ROWS …]        (default: 10000 30000 100000)

Each run is a fresh process, start included, in the order A B A B. The bound speaks of the time somebody waits; it is judged by the
least of each, as whatever else the machine does only adds to it. Processor time is told beside: it is more, because large tables are
read while a second process looks through the templates.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

from openpyxl import Workbook

from bench.measure import Result, compared, missed, turns
from pipeline.tables.columns import TABLES, TITLES

ROUNDS = 3
MOST = 2.5             # times calamine
MEMORY = 1000          # megabytes
_COUNTRY = Path(__file__).parent.parent / "inputs"
_ALONE = "import sys; from python_calamine import load_workbook; load_workbook(sys.argv[1]).get_sheet_by_index(0).to_python()"
_PANDAS = "import sys; import pandas; pandas.read_excel(sys.argv[1], dtype=str, keep_default_na=False, engine='openpyxl')"
ALONE, PANDAS = "python-calamine alone", "pandas with openpyxl"
_NAMES = ("Stadtwerke", "Brückner & Söhne", "Institut für Logistik", "Büro Übermorgen", "Verkehrsbetriebe", "Werkstatt Nord", "Quartiersladen",
          "Hafenkontor", "Pflegedienst", "Sensorik")
_FORMS = ("GmbH", "AG", "e. V.", "GmbH & Co. KG", "eG")
_FIRST, _LAST = ("Mia", "Jürgen", "Ayşe", "Søren", "Zoë"), ("Muster", "von der Heide", "Groß", "Öztürk", "Yılmaz-Schäfer")


def rows(count: int) -> Iterator[tuple[object, ...]]:
    """Partner rows as an office has them: no two alike, umlauts everywhere, one in a thousand wrong."""
    for n in range(count):
        chance = Random(n)
        word, place = _word(chance), _word(chance)
        yield (
            f"P-{n:06}", f"{word} {_NAMES[n % 10]} {_FORMS[n % 5]}", word, "Abteilung Zukunft" if n % 7 == 0 else None,
            ("Wirtschaft", "Wissenschaft", "Verwaltung")[n % 3], f"{place}straße {n % 180 + 1}", f"{10000 + n * 7 % 89999:05}",
            "Dortmund" if n % 2 else "Lünen", None, ("Frau", "Herr", None)[n % 3], "Dr." if n % 11 == 0 else None, _FIRST[n % 5], _LAST[n % 5],
            "Geschäftsführung", "kaputt(at)" if n % 1000 == 999 else f"kontakt{n}@firma{n % 5000}.example", f"+49 231 {1000000 + n}",
            "ja", ("Interessensbekundung", "Teilnahme")[n % 2], "energie", "M-001",
        )


def _word(chance: Random) -> str:
    """A pronounceable word: doublets would be findings, and are not what is measured."""
    return "".join(chance.choice("bdfgklmnprstvwz") + chance.choice("aeiouäöü") for _ in range(6)).capitalize()


def workspace(folder: Path, count: int) -> Path:
    """A workspace with that many partners; returns its partner table."""
    inputs = folder / str(count) / "inputs"
    inputs.mkdir(parents=True, exist_ok=True)
    for name in ("alliance.toml", "topics.csv", "meetings.xlsx"):
        (inputs / name).write_bytes((_COUNTRY / name).read_bytes())
    meetings = "Treffen-Nr.;Titel;Datum;Beginn;Ort\nM-001;Erstes Allianztreffen;02.03.2017;14:00;Rathaus\n"
    (inputs / "meetings.xlsx").unlink()
    (inputs / "meetings.csv").write_text(meetings, "utf-8")
    (folder / str(count) / "templates").symlink_to(_COUNTRY.parent / "templates")
    path = inputs / "partners.xlsx"
    book = Workbook(write_only=True)
    sheet = book.create_sheet(TITLES["partners"])
    sheet.append([spec.heading for spec in TABLES["partners"]])
    for row in rows(count):
        sheet.append(row)
    book.save(path)
    return path


def measured(command: Sequence[str]) -> tuple[float, float, float]:
    """Processor seconds, wall seconds and peak megabytes of one process."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    watched = [sys.executable, "-c", _WATCH, *command]
    peak = int(subprocess.run(watched, check=True, capture_output=True, text=True).stdout.split()[-1])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return used, time.perf_counter() - start, peak / 1024


# The peak of all children is the largest ever; a process between them gives each its own.
_WATCH = ("import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL); "
          "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")


def measures(counts: Sequence[int] = (10_000, 30_000, 100_000), *, quick: bool = False) -> Iterator[Result]:
    """Reading and checking, for each number of rows; quick: for the first alone."""
    with tempfile.TemporaryDirectory() as folder:
        for count in counts[:1] if quick else counts:
            path = workspace(Path(folder), count)
            commands = {"gremium": [sys.executable, "-m", "pipeline", "-C", str(path.parent.parent), "check"],
                        ALONE: [sys.executable, "-c", _ALONE, str(path)], PANDAS: [sys.executable, "-c", _PANDAS, str(path)]}
            if count == counts[0]:
                same_cells(path)
            taken = turns({name: lambda command=command: measured(command) for name, command in commands.items()}, ROUNDS)  # type: ignore[misc]
            cpu, wall, memory = ({name: tuple(each[part] for each in runs) for name, runs in taken.items()} for part in range(3))
            judged = count >= 100_000
            times, rows_of = min(wall["gremium"]) / min(wall[ALONE]), f"check of {count:,} partner rows"
            yield compared("tables", f"{rows_of}, waiting", wall, "s", bound=f"at most {MOST:g} times calamine" if judged else "",
                           kept=times <= MOST if judged else None,
                           note=f"least of each {times:.2f} times calamine; the peers know no fields, dates, references or rules")
            yield compared("tables", f"{rows_of}, processor", cpu, "s")
            yield compared("tables", f"its memory, {count:,} rows", memory, "MB", bound=f"at most {MEMORY:,} MB" if judged else "",
                           kept=max(memory["gremium"]) <= MEMORY if judged else None)


def same_cells(path: Path) -> None:
    """The peers read the same texts."""
    from pandas import read_excel
    from python_calamine import load_workbook
    alone = [[str(cell) for cell in row] for row in load_workbook(path).get_sheet_by_index(0).to_python()]
    frame = read_excel(path, dtype=str, keep_default_na=False, engine="openpyxl")
    assert alone == [list(frame.columns), *frame.values.tolist()], path.name


if __name__ == "__main__":
    sys.exit(missed(measures([int(count) for count in sys.argv[1:]] or (10_000, 30_000, 100_000))))
