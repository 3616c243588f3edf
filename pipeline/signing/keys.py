"""Keys: which one an initiator or an approver signs with, opened and checked before anything is written."""

from __future__ import annotations

import datetime as dt

from cryptography import x509

from pipeline.errors import SigningError
from pipeline.release import same
from pipeline.settings import KeyPair
from pipeline.signing import demo, files, suitable
from pipeline.signing.key import Key
from pipeline.signing.passphrases import Passphrase
from pipeline.signing.tokens import SCHEME, Tokens
from pipeline.signing.turn import Turn
from pipeline.workspace import Workspace

CERTIFICATES = (".pem", ".crt", ".cer")    # what counts in inputs/trust/


class KeyNotConfigured(SigningError):
    """The settings name no key for an initiator."""

    def __init__(self, owner: str) -> None:
        super().__init__(f"kein Schlüssel für „{owner}“",
                         hint=f'In inputs/alliance.toml unter [signing.keys] eintragen: {owner} = "DATEI.p12".')


class KeyOfApproverMissing(SigningError):
    """Somebody releases with a key by the settings, which name none here."""

    def __init__(self, name: str) -> None:
        super().__init__(f"kein Schlüssel für die Freigabe von „{name}“",
                         hint=f'In inputs/alliance.toml unter [release.keys] eintragen: "{name}" = "DATEI.p12".')


class NoCertificate(SigningError):
    """A file among the trusted issuers is none."""

    def __init__(self, name: str) -> None:
        super().__init__(f"inputs/trust/{name} ist kein Zertifikat", hint="Dort liegen die Zertifikate der Stellen, denen vertraut wird.")


def available(workspace: Workspace, owner: str) -> bool:
    """Whether this workspace has, or may make, a key for a signature field."""
    settings = workspace.settings.signing
    return owner in settings.keys or settings.demo


def load(workspace: Workspace, turn: Turn, *, now: dt.datetime, passphrase: Passphrase, tokens: Tokens) -> Key:
    """Opens the key for a signature field and checks that it may sign at `now` and is the signatory's. Raises SigningError."""
    settings = workspace.settings.signing
    source = settings.keys.get(turn.field)
    if source is not None:
        key = _opened(workspace, source, turn.field, passphrase, tokens)
    elif settings.demo:
        key = demo.key(workspace, turn.initiator, turn.field)
    else:
        raise KeyNotConfigured(turn.field)
    suitable.check(key, now)
    suitable.belongs(key, turn, settings.subjects.get(turn.field, ""))
    return key


def of_approver(workspace: Workspace, name: str, *, now: dt.datetime, passphrase: Passphrase, tokens: Tokens) -> Key | None:
    """The key with which somebody signs releases; None where the settings ask for none. Raises SigningError."""
    keys, pinned = workspace.settings.release.keys, pins(workspace, name)
    known = next((known for known in keys if same(known, name)), None)
    if known is None and pinned:
        raise KeyOfApproverMissing(name)
    if known is None:
        return None
    key = _opened(workspace, keys[known], known, passphrase, tokens)
    suitable.check(key, now)
    suitable.bears_name(key, known)
    suitable.is_pinned(key, pinned)
    return key


def pins(workspace: Workspace, name: str) -> frozenset[str]:
    """The SHA-256 of the certificates somebody may release with, in small letters; none where the settings leave that open."""
    known = workspace.settings.release.fingerprints
    return frozenset(pin.lower() for owner, pinned in known.items() if same(owner, name) for pin in pinned)


def trusted(workspace: Workspace) -> tuple[x509.Certificate, ...]:
    """Issuers this workspace trusts: the certificates in inputs/trust/, and its own demonstration authority.

    Raises SigningError when a file there is no certificate.
    """
    found: list[x509.Certificate] = []
    own = sorted(path for path in (workspace.inputs / "trust").glob("*") if path.suffix.lower() in CERTIFICATES)
    for path in (*own, *demo.authority_files(workspace)):
        try:
            data = path.read_bytes()
            found += x509.load_pem_x509_certificates(data) if files.PEM in data else [x509.load_der_x509_certificate(data)]
        except ValueError as error:
            raise NoCertificate(path.name) from error
    return tuple(found)


def _opened(workspace: Workspace, source: str | KeyPair, owner: str, passphrase: Passphrase, tokens: Tokens) -> Key:
    if isinstance(source, str) and source.startswith(SCHEME):
        return tokens.key(source, owner, passphrase)
    return files.opened(workspace.root, source, owner, passphrase)
