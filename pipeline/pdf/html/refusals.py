"""Why a Word file cannot be followed, each in its own sentence."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.errors import DocumentError


class DamagedDocument(DocumentError):
    """The file is no Word file, or not a whole one."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"die Word-Datei ist beschädigt: {reason}",
                         hint="Die Datei in Word öffnen und neu als .docx speichern.")


class NoWordDocument(DocumentError):
    """The bytes are something else than a Word file of today."""

    def __init__(self, found: str) -> None:
        super().__init__(f"keine Word-Datei im Format .docx, sondern {found}",
                         hint="In Word öffnen und als „Word-Dokument (.docx)“ speichern.")


class EncryptedDocument(DocumentError):
    """The file opens with a password only."""

    def __init__(self) -> None:
        super().__init__("die Word-Datei ist mit einem Kennwort verschlüsselt",
                         hint="In Word unter „Informationen“ den Schutz aufheben und speichern.")


class MacroDocument(DocumentError):
    """The file carries a program."""

    def __init__(self, part: str) -> None:
        super().__init__(f"die Word-Datei enthält Makros ({part})",
                         hint="Als „Word-Dokument (.docx)“ ohne Makros speichern.")


class OversizedDocument(DocumentError):
    """The file unpacks to more than any paper needs."""

    def __init__(self, part: str, limit: int) -> None:
        super().__init__(f"„{part}“ ist entpackt größer als {limit // 2**20} MB",
                         hint="Bilder verkleinern; von Fremden stammende Dateien nicht verwenden.")


class Obstacle(DocumentError):
    """Something in the Word file that the page could not show; reading goes on, so that all of them are named at once."""


class SeveralObstacles(DocumentError):
    """More than one thing cannot be shown."""

    def __init__(self, obstacles: Sequence[Obstacle]) -> None:
        self.obstacles = tuple(obstacles)
        super().__init__(f"{len(self.obstacles)} Stellen lassen sich nicht ins PDF übernehmen: {'; '.join(map(str, self.obstacles))}",
                         hint=" ".join(dict.fromkeys(obstacle.hint for obstacle in self.obstacles)))


class UnsupportedContent(Obstacle):
    """Something stands in the Word file that the PDF could not show as it is."""

    def __init__(self, what: str, place: str, hint: str = "") -> None:
        super().__init__(f"{what} kann nicht ins PDF übernommen werden ({place})",
                         hint=hint or "Durch ein Bild mit Alternativtext oder durch Text ersetzen.")


class BadPicture(Obstacle):
    """A picture is missing, broken, or no picture."""

    def __init__(self, part: str, place: str, reason: str) -> None:
        super().__init__(f"das Bild „{part}“ ist nicht brauchbar: {reason} ({place})",
                         hint="Das Bild als PNG, JPEG oder SVG neu einfügen.")


class TooWideTable(Obstacle):
    """A table runs off the sheet."""

    def __init__(self, place: str, width: float, room: float) -> None:
        super().__init__(f"eine Tabelle ist breiter als das Blatt: {width:.0f} mm, Platz sind {room:.0f} mm ({place})",
                         hint="In Word die Spalten schmaler ziehen oder die Seite ins Querformat legen.")


class MissingTarget(Obstacle):
    """A page number is asked for a place that is not there."""

    def __init__(self, name: str) -> None:
        super().__init__(f"ein Seitenverweis führt zur fehlenden Textmarke „{name}“",
                         hint="In Word das Verzeichnis aktualisieren (F9) und speichern.")


class DifferentText(DocumentError):
    """Word file and PDF would not say the same."""

    def __init__(self, word: str, page: str) -> None:
        super().__init__(f"der Text im PDF weicht von dem der Word-Datei ab: „{word}“ gegen „{page}“",
                         hint="Bitte die Word-Datei an die Entwickler geben.")
