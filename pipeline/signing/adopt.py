"""A signed file that came back becomes the one the next signatures are put on."""

from __future__ import annotations

import datetime as dt
import hashlib

from pipeline.errors import SigningError
from pipeline.ledger import Ledger, ReturnRow
from pipeline.settings import PARTNER
from pipeline.signing.base import beginnings
from pipeline.signing.due import set_aside, signature, signed_path
from pipeline.signing.layers import layers
from pipeline.workspace import Workspace, place

PDF = ".pdf"


class Forked(SigningError):
    """Somebody signed another copy while this one was out."""

    def __init__(self, key: str) -> None:
        super().__init__(f"{key} wurde inzwischen in einer anderen Datei weiter unterzeichnet; die beiden lassen sich nicht zusammenführen",
                         hint="Die jetzige Fassung neu ausgeben und vom Partner unterzeichnen lassen.")


class OriginalGone(SigningError):
    """What came back is no longer where it was kept."""

    def __init__(self, path: str) -> None:
        super().__init__(f"das Original des Rücklaufs fehlt oder wurde verändert: {path}", hint="Aus der Sicherung zurückspielen.")


def adopt(workspace: Workspace, ledger: Ledger, row: ReturnRow, now: dt.datetime) -> bool:
    """Takes a return that counts as the signed file so far, with the partner's signature; False when nothing was to be done.

    Nothing is for paper, and for a file that was taken before. Raises SigningError, when others have signed meanwhile or the
    original is gone. What came back stays where it is kept.
    """
    document = ledger.documents().get(row.key)
    if document is None or not row.path.lower().endswith(PDF):
        return False
    present = [made for made in ledger.signatures().get(row.key, ()) if made.base_sha256 == document.pdf_sha256]
    data = _original(workspace, row)
    states = {sha256 for _, sha256 in beginnings(data)}
    if document.pdf_sha256 not in states or any(made.field == PARTNER and made.sha256 == row.sha256 for made in present):
        return False
    if present and present[-1].sha256 not in states:
        raise Forked(row.key)
    new = layers(data, now, strict=False)[len(present):]
    if not new:
        return False
    path = workspace.root / signed_path(document)
    if not present:
        set_aside(path)
    place(path, data)
    last = new[-1]
    ledger.signed(signature(document, PARTNER, last.signer, row.sha256, min(last.at, now)), now)      # a partner's clock may be fast
    return True


def _original(workspace: Workspace, row: ReturnRow) -> bytes:
    path = workspace.root / row.path
    data = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(data).hexdigest() != row.sha256:
        raise OriginalGone(row.path)
    return data
