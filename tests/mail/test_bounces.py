"""What servers and machines send back, by samples after their habits: hard, soft, delayed, delivered, auto-reply, receipt, or none of these."""

from pathlib import Path

import pytest

from pipeline.mail import bounces, replies
from pipeline.mail.incoming import Mail

SAMPLES = Path(__file__).parent / "samples"
OURS = "4f1c2a9be07d35c8a6b1f0e2d3c49587@stadt.example"
PATHS = sorted(SAMPLES.rglob("*.eml"))
BOUNCES = [path for path in PATHS if path.parent.name in ("hard", "soft", "delayed", "delivered")]


def name(path: Path) -> str:
    return f"{path.parent.name}-{path.stem}"


def sort(mail: Mail) -> str:
    """The word of the first who knows it, in the order of the inbox."""
    found = bounces.reported(mail) or (None if replies.receipt(mail) else bounces.habitual(mail))
    if found:
        return found.weight
    return "receipt" if replies.receipt(mail) else "auto-reply" if replies.automatic(mail) else "none"


def test_there_are_samples_of_each_sort():
    assert len(BOUNCES) >= 40
    assert len(PATHS) - len(BOUNCES) >= 20


@pytest.mark.parametrize("path", PATHS, ids=name)
def test_a_sample_is_what_its_folder_says(path: Path):
    assert sort(Mail(path.name, path.read_bytes())) == path.parent.name


@pytest.mark.parametrize("path", PATHS, ids=name)
def test_a_sample_is_the_same_with_other_line_ends(path: Path):
    data = path.read_bytes().replace(b"\r\n", b"\n")
    one, other = Mail("a", data), Mail("b", data.replace(b"\n", b"\r\n"))
    assert (sort(one), one.id) == (sort(other), other.id)


@pytest.mark.parametrize("path", BOUNCES, ids=name)
def test_a_bounce_names_our_message(path: Path):
    assert Mail(path.name, path.read_bytes()).quoted[0] == OURS


@pytest.mark.parametrize("path", [path for path in PATHS if path.parent.name == "auto-reply"], ids=name)
def test_an_auto_reply_is_no_bounce_and_is_automatic(path: Path):
    mail = Mail(path.name, path.read_bytes())
    assert (bounces.reported(mail), bounces.habitual(mail), replies.automatic(mail)) == (None, None, True)


def report(**fields: str) -> Mail:
    lines = "\n".join(f"{name.replace('_', '-').title()}: {value}" for name, value in fields.items())
    return Mail("x", f"""From: mailer-daemon@haus.example
Subject: Bericht
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

Bericht

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; haus.example

{lines}

--b--
""".encode())


@pytest.mark.parametrize(("action", "status", "said", "weight"), [
    ("failed", "5.1.1", "", "hard"), ("failed", "5.2.1", "", "hard"), ("failed", "5.2.2", "", "soft"), ("failed", "4.4.7", "", "soft"),
    ("failed", "5.4.7", "", "soft"), ("failed", "5.7.1", "", "hard"), ("failed", "5.3.4", "", "hard"), ("failed", "5.4.1", "", "hard"),
    ("failed", "5.0.0", "smtp; 550 5.2.2 mailbox full", "soft"), ("failed", "5.0.0", "smtp; 550 Postfach unbekannt", "hard"),
    ("failed", "", "smtp; 452 try again later", "soft"), ("failed", "2.0.0", "", "hard"), ("FAILED", "5.1.1 (unknown)", "", "hard"),
    ("delayed", "4.4.1", "", "delayed"), ("delayed", "5.1.1", "", "delayed"), ("delivered", "2.0.0", "", "delivered"),
    ("relayed", "2.0.0", "", "delivered"), ("expanded", "2.0.0", "", "delivered"), ("", "5.1.1", "", "hard"), ("failed", "", "", "hard"),
])
def test_action_and_status_weigh_as_the_standards_say(action: str, status: str, said: str, weight: str):
    found = bounces.reported(report(final_recipient="rfc822; mia@haus.example", action=action, status=status, diagnostic_code=said))
    assert found is not None
    assert (found.weight, found.recipient) == (weight, "mia@haus.example")


def test_the_heaviest_of_several_recipients_decides():
    data = report(final_recipient="rfc822; a@haus.example", action="delivered", status="2.0.0").data
    second = b"Final-Recipient: rfc822; b@haus.example\nAction: failed\nStatus: 5.1.1\n\n--b--"
    found = bounces.reported(Mail("x", data.replace(b"--b--", second)))
    assert found is not None
    assert (found.weight, found.recipient) == ("hard", "b@haus.example")


@pytest.mark.parametrize("version", ["Exim 4.96.2", "192.0.2.7", "5.1.1.7", "Version 5.1.1.2"])
def test_versions_and_addresses_of_machines_are_no_status_codes(version: str):
    mail = Mail("x", f"From: mailer-daemon@haus.example\nReturn-Path: <>\nSubject: Mail delivery failed\n\n{version}: mailbox full\n".encode())
    found = bounces.habitual(mail)
    assert found is not None
    assert (found.weight, found.code) == ("soft", "")
