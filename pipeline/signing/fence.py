"""The fence around a file from outside: whatever a library stumbles over, it is the file that cannot be read."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.errors import VerificationError


class Unreadable(VerificationError):
    """A file that cannot be read as what it seems to be."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"die Datei ist beschädigt oder unvollständig (technisch: {reason})", hint="Ist sie vollständig übertragen worden?")
        self.reason = reason


class NotAPaper(VerificationError):
    """Neither a PDF nor a Word file."""

    def __init__(self) -> None:
        super().__init__("weder PDF noch Word-Datei", hint="Geprüft werden Dateien mit der Endung .pdf und .docx.")


class Encrypted(VerificationError):
    """A PDF that asks for a password."""

    def __init__(self) -> None:
        super().__init__("das PDF ist verschlüsselt", hint="Um eine unverschlüsselte Fassung bitten.")


@contextmanager
def reading() -> Iterator[None]:
    """Turns all that goes wrong inside into Unreadable; a hostile file can make a parser fail in any way. --debug shows how."""
    libraries = [logging.getLogger(name) for name in ("pyhanko", "pyhanko_certvalidator")]
    levels = [library.level for library in libraries]
    for library in libraries:
        library.setLevel(logging.CRITICAL + 1)    # what they log is in the verdict
    try:
        yield
    except VerificationError:
        raise
    except Exception as error:
        raise Unreadable(" ".join(str(error).split())[:200] or type(error).__name__) from error
    finally:
        for library, level in zip(libraries, levels, strict=True):
            library.setLevel(level)
