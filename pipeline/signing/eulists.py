"""The European trusted lists: who may issue qualified certificates, as each member state publishes it (ETSI TS 119 612).

The lists are read from copies on disk, named in the settings; nothing is fetched. Their own signature is not checked
here: whoever puts a copy into the workspace vouches for it, as for a certificate in inputs/trust/, and can pin it to the
SHA-256 of the bytes that were vouched for, so that nobody exchanges them later.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree

from cryptography import x509

from pipeline.errors import SigningError
from pipeline.settings import TrustedList
from pipeline.workspace import Workspace

_TSL = "{http://uri.etsi.org/02231/v2#}"
# who issues qualified certificates, and who qualified time stamps; both as long as the state stands by it (TS 119 612, 5.5.1 and 5.5.4)
SERVICES = frozenset(f"http://uri.etsi.org/TrstSvc/Svctype/{kind}" for kind in ("CA/QC", "TSA/QTST"))
STANDING = frozenset(f"http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/{state}" for state in (
    "granted", "undersupervision", "accredited", "supervisionincessation"))


class NoTrustedList(SigningError):
    """A file in the settings is no trusted list."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name} ist keine Vertrauensliste: {reason}",
                         hint="Gebraucht wird die XML-Fassung der Liste eines Mitgliedstaats, etwa die der Bundesnetzagentur.")


class OtherList(SigningError):
    """A trusted list that is not the one somebody vouched for."""

    def __init__(self, name: str, sha256: str) -> None:
        super().__init__(f"{name} ist nicht die Vertrauensliste, deren Prüfsumme in den Einstellungen steht",
                         hint=f"Woher ist die Datei? Ist sie die neue Fassung der Liste und geprüft, unter trusted_lists eintragen: {sha256}.")


def listed(workspace: Workspace) -> tuple[x509.Certificate, ...]:
    """The issuers in the lists that the settings name. Raises SigningError."""
    return tuple(dict.fromkeys(each for name in workspace.settings.signing.trusted_lists for each in _read(workspace, name)))


def _read(workspace: Workspace, wanted: str | TrustedList) -> Sequence[x509.Certificate]:
    name = wanted if isinstance(wanted, str) else wanted.path
    try:
        data = (workspace.root / name).read_bytes()
    except OSError as error:
        raise NoTrustedList(name, "die Datei gibt es nicht") from error
    sha256 = hashlib.sha256(data).hexdigest()
    if isinstance(wanted, TrustedList) and wanted.sha256.lower() != sha256:
        raise OtherList(name, sha256)
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:      # no document types, so no entities that grow
        raise NoTrustedList(name, "sie enthält eine Dokumenttypangabe")
    try:
        found = tuple(_issuers(ElementTree.fromstring(data)))
    except (ElementTree.ParseError, binascii.Error, ValueError) as error:
        raise NoTrustedList(name, f"technisch: {error}") from error
    if not found:
        raise NoTrustedList(name, "sie nennt keinen anerkannten Aussteller")
    return found


def _issuers(root: ElementTree.Element) -> Iterator[x509.Certificate]:
    for service in root.iter(f"{_TSL}ServiceInformation"):
        kind, status = service.findtext(f"{_TSL}ServiceTypeIdentifier", ""), service.findtext(f"{_TSL}ServiceStatus", "")
        if kind.strip() in SERVICES and status.strip() in STANDING:
            for text in service.iterfind(f"{_TSL}ServiceDigitalIdentity/{_TSL}DigitalId/{_TSL}X509Certificate"):
                yield x509.load_der_x509_certificate(base64.b64decode("".join((text.text or "").split()), validate=True))
