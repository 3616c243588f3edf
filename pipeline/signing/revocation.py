"""Whether a certificate still counts: its issuers are asked (OCSP, revocation lists), and their answers kept as evidence."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from asn1crypto import x509 as asn1_x509
from asn1crypto.crl import CertificateList
from asn1crypto.ocsp import OCSPResponse
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import (
    InsufficientRevinfoError,
    PathBuildingError,
    PathValidationError,
    RevokedError,
    ValidationError,
)

from pipeline.errors import SigningError
from pipeline.signing.key import Key
from pipeline.signing.timeservice import APART, TimeService

Result = TypeVar("Result")


class KeyRevoked(SigningError):
    """The certificate's issuer has taken it back."""

    def __init__(self, owner: str, since: dt.datetime | None = None) -> None:
        super().__init__(f"das Zertifikat von „{owner}“ ist gesperrt", hint="Ein neues Zertifikat eintragen; unterzeichnet wurde nicht.")
        self.since = since


class StatusUnknown(SigningError):
    """Nobody says whether a certificate still counts."""

    def __init__(self, owner: str, reason: str) -> None:
        super().__init__(f"ob das Zertifikat von „{owner}“ noch gilt, lässt sich nicht klären: {reason}",
                         hint="Ohne Auskunft der Zertifizierungsstelle wird auf dieser Stufe nicht unterzeichnet; später wiederholen.")


class IssuerUnknown(SigningError):
    """The issuer of a certificate is not among those who are trusted."""

    def __init__(self, owner: str) -> None:
        super().__init__(f"wer das Zertifikat von „{owner}“ ausgestellt hat, gehört nicht zu denen, denen hier vertraut wird",
                         hint="Das Zertifikat der obersten Ausgabestelle nach inputs/trust/ legen (.pem, .crt oder .cer).")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What proves later that a certificate counted when it signed."""

    path: Any                        # of pyHanko: from the root to the certificate
    ocsps: Sequence[Any] = ()
    crls: Sequence[Any] = ()

    def __reduce__(self) -> tuple[object, ...]:
        """The evidence as another process of ours gets it: pyHanko's objects find no way through a pipe, their bytes do."""
        return _again, tuple([each.dump() for each in found] for found in (self.path, self.ocsps, self.crls))


def _again(path: Sequence[bytes], ocsps: Sequence[bytes], crls: Sequence[bytes]) -> Evidence:
    return Evidence(path=tuple(map(asn1_x509.Certificate.load, path)), ocsps=tuple(map(OCSPResponse.load, ocsps)),
                    crls=tuple(map(CertificateList.load, crls)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """Whom to believe, when, and how much to insist."""

    trust: Sequence[x509.Certificate]
    now: dt.datetime
    required: bool                   # no answer is a refusal
    attempts: int = 1                # before it is one


def inquire(key: Key, inquiry: Inquiry) -> Evidence | None:
    """Asks whether a signing certificate still counts; None when nobody was to be asked. Raises SigningError."""
    own = [certificate for certificate in key.chain if certificate.issuer == certificate.subject]
    return inquire_about(key.owner, (key.certificate, *key.chain), replace(inquiry, trust=(*inquiry.trust, *own)))


def inquire_about(owner: str, chain: Sequence[x509.Certificate], inquiry: Inquiry) -> Evidence | None:
    """Asks whether the first certificate of a chain, somebody else's perhaps, still counts; as `inquire` does."""
    certificate, *others = chain
    if not inquiry.required and not _sources(certificate):
        return None

    async def ask(context: ValidationContext) -> Any:
        validator = CertificateValidator(_plain(certificate), intermediate_certs=[_plain(each) for each in others], validation_context=context)
        return await validator.async_validate_usage(set())  # type: ignore[no-untyped-call]  # pyHanko annotates in parts
    return _asked(owner, inquiry, inquiry.trust, ask)


def inquire_time(service: TimeService, inquiry: Inquiry) -> Evidence | None:
    """Asks whether a time-stamp service is one to believe, and whether its certificate still counts. Raises SigningError."""
    async def ask(context: ValidationContext) -> Any:
        paths = [path async for path in service.validation_paths(context)]  # type: ignore[no-untyped-call]  # pyHanko annotates in parts
        return paths[0]
    return _asked(service.host, inquiry, inquiry.trust, ask)


def _asked(owner: str, inquiry: Inquiry, roots: Iterable[x509.Certificate],
           ask: Callable[[ValidationContext], Awaitable[Any]]) -> Evidence | None:
    for attempt in range(1, inquiry.attempts + 1):
        context = ValidationContext(trust_roots=[_plain(root) for root in roots], moment=inquiry.now, allow_fetching=True,
                                    revocation_mode="hard-fail" if inquiry.required else "soft-fail", time_tolerance=APART)
        try:
            path = asyncio.run(_released(ask(context), context))
        except RevokedError as error:
            raise KeyRevoked(owner, error.revocation_dt) from error
        except InsufficientRevinfoError as error:
            if attempt == inquiry.attempts:
                raise StatusUnknown(owner, "keine Auskunft zu erhalten") from error
        except PathBuildingError as error:
            if not inquiry.required:
                return None      # nobody to ask: its issuers are not known here
            raise IssuerUnknown(owner) from error
        except (PathValidationError, ValidationError) as error:
            raise StatusUnknown(owner, f"technisch: {error}") from error
        else:
            return Evidence(path=path, ocsps=tuple(context.ocsps), crls=tuple(context.crls))
    raise AssertionError("unreachable")


async def _released(asked: Awaitable[Result], context: ValidationContext) -> Result:
    """Waits for the answer, and closes the connections while their loop still runs."""
    try:
        return await asked
    finally:
        await context.aclose()  # type: ignore[no-untyped-call]  # pyHanko annotates in parts


def _sources(certificate: x509.Certificate) -> bool:
    """Whether a certificate says where to ask about it."""
    kinds = {extension.oid for extension in certificate.extensions}
    return bool(kinds & {ExtensionOID.AUTHORITY_INFORMATION_ACCESS, ExtensionOID.CRL_DISTRIBUTION_POINTS})


def _plain(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
