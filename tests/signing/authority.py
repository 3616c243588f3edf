"""A certification authority of our own with OCSP and time stamps, answering on loopback (certomancer)."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from certomancer.integrations.animator import Animator, AnimatorArchStore
from certomancer.registry import ArchLabel, CertLabel, CertomancerConfig
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from werkzeug.serving import WSGIRequestHandler, make_server

CONFIG = """
external-url-prefix: {url}
keysets:
  keys:
    path-prefix: {folder}
    keys:
      root: {{path: root.pem}}
      tsa: {{path: tsa.pem}}
      later: {{path: later.pem}}
      ocsp: {{path: ocsp.pem}}
      stadt: {{path: stadt.pem}}
      kammer: {{path: kammer.pem}}
      firma: {{path: firma.pem}}
pki-architectures:
  office:
    keyset: keys
    entity-defaults: {{country-name: DE, organization-name: Prüfstelle}}
    entities:
      root: {{common-name: Prüfwurzel}}
      tsa: {{common-name: Prüfzeit}}
      later: {{common-name: Prüfzeit der Nachfolgerin}}
      ocsp: {{common-name: Prüfauskunft}}
      stadt: {{common-name: Stadt Dortmund, organization-name: Stadt Dortmund}}
      kammer: {{common-name: Egon Muster, organization-name: Kammer zu Dortmund}}
      firma: {{common-name: Netz GmbH, organization-name: Netz GmbH}}
    certs:
      root:
        subject: root
        issuer: root
        validity: {{valid-from: "2015-01-01T00:00:00+0000", valid-to: "2035-01-01T00:00:00+0000"}}
        profiles: [{{id: simple-ca, params: {{crl-repo: root, max-path-len: 0}}}}]
      later: &time
        subject: later
        issuer: root
        validity: {{valid-from: "2028-01-01T00:00:00+0000", valid-to: "2034-01-01T00:00:00+0000"}}
        extensions:
          - {{id: extended_key_usage, critical: true, value: [time_stamping]}}
          - {{id: crl_distribution_points, smart-value: {{schema: crl-dist-url, params: {{crl-repo-names: [root]}}}}}}
      tsa:
        <<: *time
        subject: tsa
        validity: {{valid-from: "2016-01-01T00:00:00+0000", valid-to: "2030-01-01T00:00:00+0000"}}
      ocsp:
        subject: ocsp
        issuer: root
        validity: {{valid-from: "2016-01-01T00:00:00+0000", valid-to: "2030-01-01T00:00:00+0000"}}
        extensions:
          - {{id: ocsp_no_check}}
          - {{id: extended_key_usage, critical: true, value: [ocsp_signing]}}
      stadt: &leaf
        subject: stadt
        issuer: root
        validity: {{valid-from: "2016-01-01T00:00:00+0000", valid-to: "2018-01-01T00:00:00+0000"}}
        extensions:
          - {{id: key_usage, critical: true, smart-value: {{schema: key-usage, params: [digital_signature, non_repudiation]}}}}
          - {{id: authority_information_access, smart-value: {{schema: aia-urls, params: {{ocsp-responder-names: [ocsp]}}}}}}
      kammer:
        <<: *leaf
        subject: kammer
        revocation: {{revoked-since: "2017-06-01T00:00:00+0000", reason: key_compromise}}
      firma:
        <<: *leaf
        subject: firma
    services:
      ocsp:
        ocsp: {{for-issuer: root, responder-cert: ocsp, signing-key: ocsp}}
      crl-repo:
        root: {{for-issuer: root, signing-key: root, simulated-update-schedule: "P90D"}}
      time-stamping:
        tsa: {{signing-key: tsa, signing-cert: tsa}}
        later: {{signing-key: later, signing-cert: later}}
"""


class _Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        pass


@dataclass
class Authority:
    """The running authority."""

    url: str
    folder: Path
    asked: list[str] = field(default_factory=list)     # paths of requests, in order
    broken: dict[str, int] = field(default_factory=dict)    # part of a path → how many requests get 503 from now on
    moment: dt.datetime | None = None                  # what its clock shows

    @property
    def time(self) -> str:
        """Address of the time-stamp service."""
        return f"{self.url}/office/tsa/tsa"

    @property
    def root(self) -> bytes:
        """The root certificate, PEM."""
        return (self.folder / "root-certificate.pem").read_bytes()


@contextmanager
def running(folder: Path, moment: dt.datetime) -> Iterator[Authority]:
    """Makes keys and certificates in `folder`, and answers until the end of the block."""
    for name in ("root", "tsa", "later", "ocsp", "stadt", "kammer", "firma"):
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        (folder / f"{name}.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    there = Authority("", folder, moment=moment)
    animator: list[Animator] = []

    def application(environ: Any, start_response: Any) -> Any:
        path = environ["PATH_INFO"]
        there.asked.append(path)
        for part, left in there.broken.items():
            if part in path and left:
                there.broken[part] = left - 1
                start_response("503 Service Unavailable", [("Content-Type", "text/plain")])
                return [b"down"]
        animator[0].fixed_time = there.moment
        return animator[0](environ, start_response)

    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=_Silent)
    there.url = f"http://127.0.0.1:{server.server_port}"
    config = CertomancerConfig(yaml.safe_load(CONFIG.format(url=there.url, folder=folder)), key_search_dir=str(folder))
    office = config.get_pki_arch(ArchLabel("office"))
    for name in ("root", "stadt", "kammer", "firma"):
        (folder / f"{name}-certificate.pem").write_bytes(_pem(office.get_cert(CertLabel(name)).dump()))
    animator.append(Animator(AnimatorArchStore({ArchLabel("office"): office}), with_web_ui=False))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield there
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _pem(certificate: bytes) -> bytes:
    from cryptography import x509
    return x509.load_der_x509_certificate(certificate).public_bytes(Encoding.PEM)
