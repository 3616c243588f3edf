"""Addresses of mail servers are judged alike, whichever way the mails go."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.mail.imap import IMAP, BadMailbox
from pipeline.mail.routes import SMTP, BadUrl
from pipeline.mail.server import Around, NoPassword, Service, access

BOTH = pytest.mark.parametrize(("service", "refused", "variable"), [
    (IMAP, BadMailbox, "GREMIUM_IMAP_PASSWORD"), (SMTP, BadUrl, "GREMIUM_SMTP_PASSWORD")], ids=["in", "out"])


@BOTH
@pytest.mark.parametrize(("rest", "reason"), [
    ("ich@post.example?tls=none", "ohne Verschlüsselung nur an diesen Rechner selbst"), ("ich@post.example?tls=x", "tls=x ist nicht bekannt"),
    ("ich@post.example?auth=x", "auth=x ist nicht bekannt"), ("ich@post.example?tsl=none", "„tsl“ ist nicht bekannt"),
    ("ich@", "der Name des Servers fehlt"), ("ich@post.example:99999", "Portnummer"), ("ich@[::1", "der Server oder die Portnummer"),
])
def test_the_same_mistake_is_refused_with_the_same_reason(service: Service, refused: type[Exception], variable: str, rest: str, reason: str):
    with pytest.raises(refused, match=reason):
        access(f"any://{rest}", service, Around(Path(), {variable: "geheim"}))


@BOTH
def test_a_password_belongs_in_the_environment_and_is_missed_by_its_name_there(service: Service, refused: type[Exception], variable: str):
    with pytest.raises(refused, match=f"ein Passwort gehört nicht in die Adresse, sondern in {variable}"):
        access("any://ich:geheim@post.example", service, Around(Path(), {}))
    with pytest.raises(NoPassword, match=rf"für ich@post.example fehlt das Passwort \({variable}\)"):
        access("any://ich@post.example", service, Around(Path(), {}))


@BOTH
def test_what_is_usual_need_not_be_said(service: Service, refused: type[Exception], variable: str):
    found = access("any://ich%40stadt.example@post.example/Eingang%20A/", service, Around(Path(), {variable: "geheim"}))
    assert (found.user, found.tls, found.auth, found.path) == ("ich@stadt.example", next(iter(service.ports)), "password", "Eingang A")
    assert found.port == service.ports[found.tls]
    assert "geheim" not in repr(found)


def test_only_on_the_way_out_may_a_server_know_nobodys_name():
    assert access("smtp://post.example", SMTP, Around(Path(), {})).secret == ""
    with pytest.raises(BadMailbox, match="der Name vor dem @ fehlt"):
        access("imap://post.example", IMAP, Around(Path(), {}))
