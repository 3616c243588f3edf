"""What a table file consists of: sheets of cells with the addresses the file shows; and why some cannot be read."""

from __future__ import annotations

import datetime as dt
import errno
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.errors import TableError

if TYPE_CHECKING:
    import pandas as pd

MOST_UNPACKED = 2**30        # bytes; a table of 100,000 rows unpacks to about a tenth of it
MOST_CELLS = 20_000_000      # of one sheet
EPOCH = dt.date(1899, 12, 30)      # day 0 of a workbook, as it counts after February 1900
EPOCH_1904 = dt.date(1904, 1, 1)   # the same of workbooks that were begun on an old Macintosh

_REASONS = {errno.EACCES: "keine Berechtigung", errno.EPERM: "keine Berechtigung", errno.EISDIR: "es ist ein Ordner",
            errno.ENOENT: "die Datei ist nicht mehr da", errno.EBUSY: "ein anderes Programm hält sie fest",
            errno.ELOOP: "die Verknüpfung führt im Kreis", errno.ENXIO: "es ist keine Datei"}


class Unreadable(TableError):
    """A table file nobody can read."""

    def __init__(self, file: str, why: str, *, hint: str) -> None:
        super().__init__(f"{file} {why}", hint=hint)
        self.why = why


class Locked(Unreadable):
    """A table file with a password."""

    def __init__(self, file: str) -> None:
        super().__init__(file, "ist mit einem Kennwort geschützt", hint="Die Datei ohne Kennwort speichern.")


class Damaged(Unreadable):
    """A workbook that breaks off or contradicts itself."""

    def __init__(self, file: str) -> None:
        super().__init__(file, "ist beschädigt oder unvollständig",
                         hint="Die Datei in Excel öffnen und neu speichern, oder eine Sicherung nehmen.")


class NoTable(Unreadable):
    """Something that is called a table and is none."""

    def __init__(self, file: str, really: str) -> None:
        super().__init__(file, f"ist {really}, keine Tabelle", hint="Den Inhalt in Excel öffnen und als .xlsx speichern.")


class TooLarge(Unreadable):
    """A file that would fill the memory."""

    def __init__(self, file: str) -> None:
        super().__init__(file, "ist ausgepackt zu groß für eine Tabelle",
                         hint="Leere Zeilen und Spalten am Ende des Blattes löschen und die Datei neu speichern.")


class NotOpened(Unreadable):
    """A file the system does not hand out."""

    def __init__(self, file: str, error: OSError) -> None:
        reason = _REASONS.get(error.errno or 0, error.strerror)
        super().__init__(file, f"lässt sich nicht öffnen ({reason})", hint="Rechte und Ort der Datei prüfen.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A merged range: positions of its first and last row and column, both included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sheet:
    """One sheet of a file. Positions count from 0, rows as people read them from 1."""

    file: str                # name of the file
    name: str | None         # None for text files
    rows: Sequence[Sequence[object]]      # all of the same length; row and column 0 are the sheet's first; blank is ""
    typed: bool              # False: a text file, in which a number has no type and a leading zero may be gone
    hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    merged: Sequence[Area] = ()
    faults: Mapping[tuple[int, int], str] = field(default_factory=dict)   # position → error a formula shows; "" when it has no stored value
    epoch: dt.date = EPOCH
    blank: bool = False      # no cell holds anything
    skipped: str = ""        # a line before the table that belongs to the program that wrote the file
    torn: int = 0            # row of a text file in which a quotation mark stands where none may stand; 0 for none
    charset: str = ""        # of a text file that is not Unicode: "Windows-1252"

    @property
    def frame(self) -> pd.DataFrame:
        """The cells as a frame, for whoever asks questions of whole columns; to read them all needs none, nor the library's start."""
        import pandas as pd
        return pd.DataFrame(self.rows, dtype=object)


def empty(rows: Sequence[Sequence[object]]) -> bool:
    """No cell of these rows holds anything."""
    return not any(cell != "" for row in rows for cell in row)
