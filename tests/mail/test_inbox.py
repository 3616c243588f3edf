"""The inbox: each mail once, told for what it is, settling what it may settle, and nothing answered or deleted."""

import base64
import datetime as dt
import json
import shutil
import time
import tracemalloc
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.ledger import AnswerRow, Ledger
from pipeline.mail import incoming
from pipeline.mail.inbox import Hands, Outcome, read
from pipeline.mail.incoming import Mail, Part
from pipeline.mail.server import Around
from pipeline.mail.smtp import Smtp
from pipeline.mail.sources import Found, NoMails, opened
from pipeline.mail.verdicts import SORTS, House, Verdict, judge
from tests import makers
from tests.mail.conftest import NOW, Mailbox
from tests.mail.conftest import House as Office
from tests.office import gremium, small

SAMPLES = Path(__file__).parent / "samples"
SAMPLE_ID = b"4f1c2a9be07d35c8a6b1f0e2d3c49587@stadt.example"
LATER = NOW + dt.timedelta(days=1)
AROUND = Around(Path(), {})


class Post:
    """An office whose invitations went out, and what came back to it."""

    def __init__(self, office: Office, folder: Path) -> None:
        self.office, self.ledger, self.folder = office, office.ledger, folder
        self.received: list[Sequence[Part]] = []
        self.joined: list[Any] = []
        self.number = 0

    def message(self, key: str = "P-001") -> str:
        return next(row.id for row in self.ledger.messages() if row.key.endswith(key))

    @property
    def house(self) -> House:
        return House.of(self.office.workspace.settings, self.ledger, LATER, says_so=lambda pdf: b"gremium" in pdf,
                        bears_mark=lambda data: b"Marke" in data, people=["p@partner.example"])

    def put(self, data: bytes | str) -> None:
        self.number += 1
        self.folder.mkdir(exist_ok=True)
        (self.folder / f"{self.number:03}.eml").write_bytes(data.encode() if isinstance(data, str) else data)

    def receive(self, parts: Sequence[Part]) -> str:
        self.received.append(parts)
        return "angenommen"

    def read(self, source: str = "", *, dry: bool = False) -> Outcome:
        hands = Hands(receive=self.receive, join=self.joined.extend)
        with opened(source or str(self.folder), Path(), AROUND) as box:
            return read(box, self.house, self.ledger, hands, dry=dry)

    def judge(self, data: bytes | str) -> Verdict:
        return judge(Mail("x", data.encode() if isinstance(data, str) else data), self.house)

    def entry(self, key: str = "P-001") -> Any:
        return next(row for row in self.ledger.entries() if row.key.endswith(key))


@pytest.fixture
def inbox(house: Office, post: Smtp, tmp_path: Path) -> Post:
    house.send(post)
    return Post(house, tmp_path / "eingang")


def sample(name: str, message: str) -> bytes:
    return next(SAMPLES.rglob(f"{name}.eml")).read_bytes().replace(SAMPLE_ID, message.encode())


def answer(message: str = "", *, sender: str = "mia.muster@brueckner.example", subject: str = "AW: Einladung", head: str = "",
           text: str = "Gern.") -> str:
    irt = f"In-Reply-To: <{message}>\n" if message else ""
    return f"From: Mia Muster <{sender}>\nTo: allianz@stadt.example\nSubject: {subject}\nMessage-ID: <1@brueckner.example>\n{irt}{head}\n{text}\n"


def reply(uid: str, attendee: str, partstat: str = "ACCEPTED", *, sender: str = "", method: str = "REPLY", sequence: int = 0, start: str = "",
          head: str = "", number: int = 1, date: str = "Fri, 05 May 2017 08:00:00 +0200") -> str:
    return (f"From: {sender or attendee}\nTo: allianz@stadt.example\nSubject: Zusage: Einladung\nDate: {date}\nMessage-ID: <r{number}@haus.example>\n"
            f"{head}MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nZusage\n\n--b\n"
            f"Content-Type: text/calendar; charset=utf-8; method={method}\n\nBEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nMETHOD:{method}\r\n"
            f"BEGIN:VEVENT\r\nUID:{uid}\r\nSEQUENCE:{sequence}\r\nDTSTAMP:20170505T060000Z\r\n{start}"
            f"ATTENDEE;PARTSTAT={partstat}:mailto:{attendee}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n--b--\n")


# bounces


def test_a_hard_bounce_ends_a_sent_message_and_names_what_to_do(inbox: Post):
    inbox.put(sample("postfix-user-unknown", inbox.message()))
    outcome = inbox.read()
    assert (outcome.counts["hard"], outcome.settled) == (1, {"invitation/M-002/P-001": "failed"})
    row = next(row for row in inbox.ledger.messages() if row.id == inbox.message())
    assert (row.state, row.reply) == ("failed", "unzustellbar gemeldet (Code 5.1.1)")


@pytest.mark.parametrize(("name", "state"), [("gmail-over-quota", "sent"), ("postfix-delayed", "sent"), ("postfix-success", "sent"),
                                             ("left-the-company", "sent"), ("mdn-displayed", "sent")])
def test_what_is_not_a_hard_bounce_leaves_a_message_sent(inbox: Post, name: str, state: str):
    inbox.put(sample(name, inbox.message()))
    assert inbox.read().settled == {}
    assert inbox.office.states["P-001"] == state


@pytest.mark.parametrize(("name", "state"), [("exim-user-unknown", "failed"), ("postfix-success", "sent"), ("mdn-displayed", "sent"),
                                             ("person-answers", "sent"), ("gmail-over-quota", "unknown"), ("rfc3834-vacation", "unknown"),
                                             ("postfix-delayed", "unknown")])
def test_a_message_in_doubt_is_settled_by_a_bounce_or_an_answer_that_names_it(inbox: Post, name: str, state: str):
    inbox.ledger.settle(inbox.message(), "unknown", NOW)
    inbox.put(sample(name, inbox.message()))
    inbox.read()
    assert inbox.office.states["P-001"] == state


def test_a_message_on_its_way_is_not_touched_and_the_mail_is_read_again_later(inbox: Post):
    inbox.ledger.settle(inbox.message(), "sending", NOW)
    inbox.put(sample("qmail-no-mailbox", inbox.message()))
    outcome = inbox.read()
    assert (outcome.later, inbox.office.states["P-001"], inbox.ledger.inbox()) == (1, "sending", [])
    inbox.ledger.settle(inbox.message(), "sent", NOW)
    assert inbox.read().settled == {"invitation/M-002/P-001": "failed"}


@pytest.mark.parametrize("state", ["printed", "posted", "frozen", "withdrawn", "failed"])
def test_a_bounce_changes_nothing_that_did_not_go_by_mail(inbox: Post, state: str):
    inbox.ledger.settle(inbox.message(), state, NOW)
    inbox.put(sample("exim-user-unknown", inbox.message()))
    assert (inbox.read().settled, inbox.office.states["P-001"]) == ({}, state)


def test_a_forged_bounce_is_told_and_changes_nothing(inbox: Post):
    forged = [path for sort in ("hard", "soft", "delayed", "delivered") for path in (SAMPLES / sort).iterdir()]
    for path in forged:
        inbox.put(path.read_bytes())        # names a Message-ID of our form that we never gave
    outcome = inbox.read()
    assert (outcome.counts["stray"], outcome.settled, SORTS["stray"].left) == (len(forged), {}, True)
    assert {line.why for line in outcome.lines} == {"eine Nachricht dieser Kennung haben wir nicht verschickt"}


def test_a_bounce_without_message_id_is_known_by_our_header_and_the_address(inbox: Post):
    data = sample("postfix-user-unknown", inbox.message()).replace(f"Message-ID: <{inbox.message()}>\n".encode(), b"")
    assert inbox.judge(data).message == inbox.message()
    assert inbox.judge(data.replace(b"mia.muster@", b"jemand@")).sort == "stray"


# answers


@pytest.mark.parametrize(("partstat", "said"), [("ACCEPTED", "accepted"), ("DECLINED", "declined"), ("TENTATIVE", "tentative")])
def test_a_calendar_reply_goes_to_the_attendance(inbox: Post, partstat: str, said: str):
    inbox.put(reply(inbox.entry().uid, "mia.muster@brueckner.example", partstat))
    assert inbox.read().counts["calendar"] == 1
    [kept] = inbox.ledger.answers()["invitation/M-002/P-001"]
    assert (kept.answer, kept.received_at, kept.source) == (said, "2017-05-05T06:00:00Z", "r1@haus.example")


def test_a_counter_proposal_carries_its_time_on_clocks_in_berlin(inbox: Post):
    inbox.put(reply(inbox.entry().uid, "mia.muster@brueckner.example", method="COUNTER", start="DTSTART:20170621T140000Z\r\n"))
    outcome = inbox.read()
    [kept] = inbox.ledger.answers()["invitation/M-002/P-001"]
    assert (kept.answer, kept.proposed, outcome.lines[0].why) == ("counter", "2017-06-21T16:00", "schlägt eine andere Zeit vor")


def test_a_calendar_reply_settles_a_message_in_doubt(inbox: Post):
    inbox.ledger.settle(inbox.message(), "unknown", NOW)
    inbox.put(reply(inbox.entry().uid, "mia.muster@brueckner.example"))
    assert inbox.read().settled == {"invitation/M-002/P-001": "sent"}


@pytest.mark.parametrize(("uid", "attendee", "partstat", "why"), [
    ("M-002@stadt.example", "mia.muster@brueckner.example", "ACCEPTED", "zu einem Termin, zu dem wir nicht eingeladen haben"),
    ("", "mia.muster@brueckner.example", "ACCEPTED", "zu einem Termin, zu dem wir nicht eingeladen haben"),
    ("OURS", "fremd@anderswo.example", "ACCEPTED", "von einer Adresse, die wir nicht eingeladen haben"),
    ("OURS", "mia.muster@brueckner.example", "NEEDS-ACTION", "weder Zusage noch Absage"),
])
def test_a_forged_or_empty_reply_is_told_and_left_for_people(inbox: Post, uid: str, attendee: str, partstat: str, why: str):
    inbox.put(reply(inbox.entry().uid if uid == "OURS" else uid, attendee, partstat))
    outcome = inbox.read()
    assert (outcome.counts["doubtful"], outcome.lines[0].why, inbox.ledger.answers()) == (1, why, {})


def test_another_address_of_the_same_person_counts_when_it_answers_our_very_message(inbox: Post):
    head = f"In-Reply-To: <{inbox.message()}>\n"
    inbox.put(reply(inbox.entry().uid, "mia@privat.example", head=head))
    inbox.put(reply(inbox.entry().uid, "mia@privat.example", head="In-Reply-To: <" + "0" * 32 + "@stadt.example>\n", number=2))
    outcome = inbox.read()
    assert (outcome.counts["calendar"], outcome.counts["doubtful"]) == (1, 1)
    assert [row.source for row in inbox.ledger.answers()["invitation/M-002/P-001"]] == ["r1@haus.example"]


def test_a_token_of_one_meeting_does_not_open_another(inbox: Post):
    head = f"In-Reply-To: <{inbox.message()}>\n"
    assert inbox.judge(reply("anderer-termin@stadt.example", "mia@privat.example", head=head)).sort == "doubtful"


def test_two_answers_that_contradict_are_both_kept_in_their_order(inbox: Post):
    uid, mia = inbox.entry().uid, "mia.muster@brueckner.example"
    inbox.put(reply(uid, mia, "DECLINED", number=2, date="Sat, 06 May 2017 08:00:00 +0200"))
    inbox.put(reply(uid, mia, "ACCEPTED", number=1))
    hands = Hands(receive=lambda parts: "", join=lambda found: None)
    house = House.of(inbox.office.workspace.settings, inbox.ledger, dt.datetime(2017, 6, 1, tzinfo=dt.UTC))
    with opened(str(inbox.folder), Path(), AROUND) as box:
        read(box, house, inbox.ledger, hands)
    assert [row.answer for row in inbox.ledger.answers()["invitation/M-002/P-001"]] == ["accepted", "declined"]


def test_an_answer_from_the_future_counts_as_of_now(inbox: Post):
    verdict = inbox.judge(reply(inbox.entry().uid, "mia.muster@brueckner.example", date="Fri, 05 May 2217 08:00:00 +0200"))
    assert verdict.answer is not None
    assert verdict.answer.received_at == "2017-05-05T10:00:00Z"


def test_an_answer_to_the_old_day_is_kept_with_the_old_number_and_told(inbox: Post, post: Smtp):
    for one in inbox.office.drafts:
        inbox.office.built(one, "Neuer Tag")
    inbox.office.send(post, meetings={"M-002": makers.meeting(date=dt.date(2017, 6, 27))})
    verdict = inbox.judge(reply(inbox.entry().uid, "mia.muster@brueckner.example", sequence=0))
    assert isinstance(verdict.answer, AnswerRow)
    assert (verdict.answer.sequence, verdict.why) == (0, "gilt dem früheren Stand des Termins")


def test_no_auto_reply_counts_as_an_answer(inbox: Post):
    inbox.ledger.settle(inbox.message(), "unknown", NOW)
    names = [path.stem for path in (SAMPLES / "auto-reply").iterdir()]
    for name in names:
        inbox.put(sample(name, inbox.message()))
    outcome = inbox.read()
    assert (outcome.counts["auto-reply"], inbox.ledger.answers(), inbox.office.states["P-001"]) == (len(names), {}, "unknown")


def test_a_machine_that_accepts_by_itself_gives_no_answer(inbox: Post):
    inbox.put(reply(inbox.entry().uid, "mia.muster@brueckner.example", head="Auto-Submitted: auto-replied\n"))
    assert (inbox.read().counts["auto-reply"], inbox.ledger.answers()) == (1, {})


def test_a_person_who_answers_in_words_is_left_for_people_with_the_paper_named(inbox: Post):
    inbox.put(answer(inbox.message()))
    [line] = inbox.read().lines
    assert (line.sort, line.key, line.sender) == ("answer", "invitation/M-002/P-001", "mia.muster@brueckner.example")


# papers, joining, our own


PDF = base64.encodebytes(b"%PDF-1.7 gremium memorandum").decode()


def attached(message: str, kind: str, data: str) -> str:
    return answer(message, head="MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n",
                  text=f"--b\nContent-Type: text/plain\n\nanbei\n\n--b\nContent-Type: {kind}\nContent-Transfer-Encoding: base64\n"
                       f"Content-Disposition: attachment; filename=\"Memorandum.pdf\"\n\n{data}\n--b--")


def test_a_pdf_that_answers_our_message_or_says_whose_it_is_goes_to_the_returns(inbox: Post):
    foreign = base64.encodebytes(b"%PDF-1.7 fremd").decode()
    inbox.put(attached(inbox.message(), "application/pdf", foreign))
    inbox.put(attached("", "application/octet-stream", PDF).replace("<1@", "<2@"))
    inbox.put(attached("", "application/pdf", foreign).replace("<1@", "<3@"))
    outcome = inbox.read()
    assert (outcome.counts["returned"], outcome.counts["rest"], len(inbox.received)) == (2, 1, 2)
    assert (inbox.received[1][0].filename, inbox.received[1][0].data) == ("Memorandum.pdf", b"%PDF-1.7 gremium memorandum")


def test_a_scan_with_our_mark_counts_from_those_we_know(inbox: Post):
    scan = base64.encodebytes(b"%PDF-1.4 Marke").decode()
    assert [inbox.judge(attached("", "application/pdf", scan).replace("mia.muster@brueckner.example", sender)).sort
            for sender in ("p@partner.example", "mia.muster@brueckner.example", "fremd@anderswo.example")] == ["returned", "returned", "rest"]


def test_a_logo_under_a_letter_is_no_scan(inbox: Post):
    logo, scan = (base64.encodebytes(b"x" * size).decode() for size in (2_000, 90_000))
    assert inbox.judge(attached(inbox.message(), "image/png", logo)).sort == "answer"
    assert inbox.judge(attached(inbox.message(), "image/png", scan)).sort == "returned"


def test_joining_mails_are_handed_on_together_and_once(inbox: Post):
    for number in (1, 2):
        inbox.put(answer(sender=f"neu{number}@firma.example", subject="Ich bin Allianz-Partner").replace("<1@", f"<{number}@"))
    assert (inbox.read().joined, len(inbox.joined)) == (2, 2)
    assert (inbox.read().known, len(inbox.joined)) == (2, 2)


def test_a_joining_mail_that_could_not_be_handed_on_is_read_again(inbox: Post):
    inbox.put(answer(subject="Ich bin Allianz-Partner"))
    with opened(str(inbox.folder), Path(), AROUND) as box, pytest.raises(OSError, match="offen"):
        read(box, inbox.house, inbox.ledger, Hands(receive=lambda parts: "", join=_in_use))
    assert inbox.read().joined == 1


def _in_use(found: Any) -> None:
    raise OSError("joining.xlsx ist offen")


def test_our_own_mail_that_comes_back_is_known_and_is_no_answer(inbox: Post, mailbox: Mailbox):
    inbox.ledger.settle(inbox.message(), "unknown", NOW)
    inbox.put(mailbox.got[0][1])
    assert (inbox.read().counts["own"], inbox.office.states["P-001"]) == (1, "unknown")


def test_a_trial_to_the_office_itself_is_our_own_mail(inbox: Post, mailbox: Mailbox, post: Smtp):
    inbox.office.send(post, redirect="allianz@stadt.example")
    assert inbox.judge(mailbox.got[-1][1]).sort == "own"


# once


def test_each_mail_is_read_once_whichever_store_it_lies_in(inbox: Post, tmp_path: Path):
    data = sample("postfix-user-unknown", inbox.message()).replace(b"This is the mail system", b"From the mail system\nThis is the mail system")
    inbox.put(data)
    assert inbox.read().counts["hard"] == 1
    box = tmp_path / "post.mbox"
    box.write_bytes(b"From MAILER-DAEMON Thu May  4 12:00:00 2017\nStatus: RO\n" + data.replace(b"\nFrom ", b"\n>From ") + b"\n")
    maildir = tmp_path / "Maildir"
    for name in ("cur", "new", "tmp"):
        (maildir / name).mkdir(parents=True)
    (maildir / "cur" / "1.host:2,S").write_bytes(data.replace(b"\n", b"\r\n"))
    assert [(inbox.read(str(source)).known, source.exists()) for source in (box, maildir)] == [(1, True), (1, True)]


def test_a_second_run_settles_nothing_a_second_time(inbox: Post):
    inbox.put(sample("postfix-user-unknown", inbox.message()))
    inbox.read()
    inbox.ledger.settle(inbox.message(), "sent", LATER, reply="von Hand geklärt")
    outcome = inbox.read()
    assert (outcome.known, outcome.settled, inbox.office.states["P-001"]) == (1, {}, "sent")


def test_looking_first_notes_nothing_and_hands_on_nothing(inbox: Post):
    inbox.put(sample("postfix-user-unknown", inbox.message()))
    inbox.put(reply(inbox.entry().uid, "mia.muster@brueckner.example"))
    inbox.put(attached("", "application/pdf", PDF))
    outcome = inbox.read(dry=True)
    assert dict(outcome.counts) == {"hard": 1, "calendar": 1, "returned": 1}
    assert (inbox.ledger.inbox(), inbox.ledger.answers(), inbox.received, inbox.office.states["P-001"]) == ([], {}, [], "sent")


def test_what_was_read_before_a_source_broke_off_stays_noted(inbox: Post):
    class Breaking:
        lasting = False

        def __len__(self) -> int:
            return 2

        def __iter__(self) -> Iterator[Found]:
            yield Found(place="1", shown="1", read=lambda: sample("postfix-user-unknown", inbox.message()))
            raise NoMails("Postfach", "ist weg")
    with pytest.raises(NoMails):
        read(Breaking(), inbox.house, inbox.ledger, Hands(receive=lambda parts: "", join=lambda found: None))
    assert inbox.office.states["P-001"] == "failed"


def test_the_ledger_and_the_json_keep_no_name_and_no_address(inbox: Post):
    inbox.put(answer(inbox.message(), subject="Frau Geheim kommt"))
    inbox.put(sample("tonline-unbekannt", inbox.message("P-002")))
    told = str(inbox.read().as_json()) + str(inbox.ledger.inbox()) + str(inbox.ledger.events())
    assert not [word for word in ("Geheim", "mia.muster", "Muster", "brueckner") if word in told]


# what is broken, or meant to break


def nested(depth: int, *, text: str = "Ende") -> bytes:
    data = f"Content-Type: text/plain\n\n{text}\n"
    for level in range(depth):
        data = f"Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n{data}\n--b{level}--\n"
    return f"From: x@y.example\nSubject: tief\nMIME-Version: 1.0\n{data}".encode()


BOMBS = {
    "deep": nested(3000),
    "many parts": b"From: x@y.example\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--b\nContent-Type: text/plain\n\nx\n" * 200_000,
    "long head": b"From: x@y.example\n" + b"X-Zeile: a\n" * 300_000 + b"\nText",
    "one long header": b"From: x@y.example\nSubject: " + b"a" * 3_000_000 + b"\n\nText",
    "many addresses": b"From: " + b"<a@b.example>, " * 15_000 + b"\nSubject: x\n\nText",
    "many encoded words": b"From: x@y.example\nSubject: " + b"=?utf-8?q?a?= " * 15_000 + b"\n\nText",
    "short lines": b"From: x@y.example\nContent-Type: multipart/mixed; boundary=b\n\n" + b"a\n" * 8_000_000,
    "unclosed tags": b"From: mailer-daemon@y.example\nReturn-Path: <>\nSubject: undeliverable\nContent-Type: text/html\n\n" + b"<style" * 500_000,
    "status blocks": b"From: mailer-daemon@y.example\nContent-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n"
                     + b"Status: 5\n\n" * 1_000_000 + b"--b--\n",
    "words without end": b"From: mailer-daemon@y.example\nReturn-Path: <>\nSubject: undeliverable\n\n" + b"user" * 2_000_000,
    "tokens": b"From: mailer-daemon@y.example\nReturn-Path: <>\nSubject: undeliverable\n\n" + (b"0" * 32 + b"@stadt.example\n") * 300_000,
    "calendar": b"From: x@y.example\nContent-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\nMETHOD:REPLY\n" + b"BEGIN:VEVENT\n" * 14_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_mail_meant_to_break_the_reader_is_judged_in_a_breath(inbox: Post, name: str):
    tracemalloc.start()
    began = time.process_time()
    verdict = inbox.judge(BOMBS[name])
    seconds, (_, peak) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert verdict.sort in ("odd", "rest", "stray", "doubtful")
    assert not verdict.settles
    assert seconds < 10
    assert peak < 12 * len(BOMBS[name]) + 30_000_000


@pytest.mark.parametrize(("data", "sort"), [
    (b"", "odd"), (b"\n\n", "odd"), (b"\x00\xff\xfe" * 50, "odd"), (b"kein Kopf, nur Text", "odd"),
    (b"From: x@y.example\nContent-Type: multipart/mixed; boundary=fehlt\n\nText ohne Grenze", "rest"),
    (b"From: x@y.example\nContent-Type: multipart/mixed\n\n--b\nText", "rest"),
    (b"From: x@y.example\nContent-Type: text/plain; charset=gibt-es-nicht\n\n\xe4\xf6", "rest"),
    (b"From: x@y.example\nContent-Type: text/plain; charset*=%%%\nContent-Transfer-Encoding: base64\n\n!!!!", "rest"),
    (b"From: x@y.example\nSubject: =?utf-8?b?!!!?= =?kaputt?q?=zz?=\n\nText", "rest"),
    (b"From: =?utf-8?q?=ff=fe?= <@>\nDate: gestern\n\nText", "rest"),
    (b"From: x@y.example\nContent-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nSEQUENCE:viele\n", "rest"),
    (b"From: x@y.example\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n"
     b"Content-Type: message/delivery-status\n\n\xff", "rest"),
    (b"From: x@y.example\nContent-Type: application/pdf; name*0*=utf-8''%E4\n\n%PDF", "rest"),
])
def test_a_broken_mail_is_told_or_left_for_people(inbox: Post, data: bytes, sort: str):
    assert inbox.judge(data).sort == sort


def test_an_html_mail_alone_is_read_by_its_words():
    mail = Mail("x", b"From: x@y.example\nContent-Type: text/html\n\n<style>p{}</style><p>Guten&nbsp;Tag<br>Frau Muster</p><!-- nein -->")
    assert mail.text.split() == ["Guten", "Tag", "Frau", "Muster"]


@pytest.mark.parametrize(("charset", "data"), [("utf-8", "Größe".encode("latin-1")), ("us-ascii", "Größe".encode()), ("utf-16", "Größe".encode()),
                                               ("gibt-es-nicht", "Größe".encode("cp1252"))])
def test_an_encoding_that_lies_is_seen_through(charset: str, data: bytes):
    assert Mail("x", f"From: x@y.example\nContent-Type: text/plain; charset={charset}\n\n".encode() + data).text == "Größe"


def test_a_mail_larger_than_may_be_is_told_and_not_read(inbox: Post, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("pipeline.mail.sources.MOST_BYTES", 1000)
    inbox.put(b"From: x@y.example\n\n" + b"a" * 2000)
    [line] = inbox.read().lines
    assert (line.sort, line.why) == ("odd", "die Nachricht ist zu groß, um gelesen zu werden")
    assert incoming.MOST_BYTES == 2**25


@pytest.mark.parametrize(("make", "said"), [
    (lambda path: None, "gibt es nicht"), (lambda path: path.mkdir(), "enthält keine Nachrichten"),
    (lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0" * 9), "Outlook-Nachricht"),
    (lambda path: path.write_bytes(b"nur Text"), "ist keine Nachricht"),
])
def test_a_source_without_mails_says_what_it_is(tmp_path: Path, make: Any, said: str):
    make(tmp_path / "quelle")
    with pytest.raises(NoMails, match=said), opened(str(tmp_path / "quelle"), Path(), AROUND):
        pass


def test_a_ledger_keeps_what_the_inbox_said_through_a_restart(inbox: Post):
    inbox.put(sample("exim-full", inbox.message()))
    inbox.read()
    path = inbox.ledger.path
    inbox.ledger.close()
    with Ledger(path) as inbox.office.ledger:
        [row] = inbox.office.ledger.inbox()
        assert (row.sort, row.message) == ("soft", next(row.id for row in inbox.office.ledger.messages() if row.key.endswith("P-001")))


@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_mail_however_mangled_breaks_the_reader(data: Any):
    whole = data.draw(st.sampled_from(WHOLE))
    start, end = sorted((data.draw(st.integers(0, len(whole))), data.draw(st.integers(0, len(whole)))))
    filling = data.draw(st.one_of(st.binary(max_size=40), st.sampled_from(FILLINGS)))
    mail = Mail("x", whole[:start] + filling + whole[end:])
    nobody = House(addresses=frozenset(), messages={}, invited={}, entries={}, now=NOW)
    assert judge(mail, nobody).sort in SORTS
    assert mail.id == Mail("y", mail.data).id


FILLINGS = (b"\n\n", b"\n--b\n", b"=?utf-8?q?", b"Content-Type: multipart/mixed;\n boundary=b\n\n")
WHOLE = tuple(path.read_bytes() for path in sorted(SAMPLES.rglob("*.eml")))


# the command


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = small(tmp_path / "haus")
    box = tmp_path / "eingang"
    box.mkdir()
    for path in (SAMPLES / "soft" / "exim-full.eml", SAMPLES / "auto-reply" / "elternzeit.eml"):
        shutil.copy(path, box)
    (box / "neu.eml").write_text(answer(sender="lea@neu.example", subject="Ich bin Allianz-Partner", text="Neu GmbH\nLea Neu"))
    return folder


def test_the_command_shows_what_came_in_hands_on_and_says_what_to_do(workspace: Path):
    box = str(workspace.parent / "eingang")
    looked = gremium(workspace, "inbox", "-n", box)
    assert (looked.returncode, (workspace / "outputs" / "ledger.sqlite").exists()) == (0, False)
    assert "Nichts wurde vermerkt oder weitergegeben." in looked.stderr
    done = gremium(workspace, "inbox", "--json", box)
    [found] = json.loads(done.stdout)["sources"]
    assert (done.returncode, found["counts"]["stray"], found["counts"]["auto-reply"], found["joined"]) == (0, 1, 1, 1)
    assert (workspace / "inputs" / "joining.xlsx").exists()
    assert "gremium intake --accept" in done.stderr
    assert "3 waren schon gelesen" in gremium(workspace, "inbox", box).stdout


@pytest.mark.parametrize(("words", "code", "said"), [
    (("inbox",), 2, "inbox.source"), (("inbox", "--move", "../eingang"), 2, "--move geht nur in einem Postfach"),
    (("inbox", "../fehlt"), 7, "gibt es nicht"), (("inbox", "imap://a@b.example"), 7, "GREMIUM_IMAP_PASSWORD"),
    (("inbox", "-n", "--move", "x"), 2, "schließen einander aus"),
    (("intake", "imap://a:b@c.example"), 7, "ein Passwort gehört nicht in die Adresse"),
    (("letters", "invitation", "--posted", "--yes", "3"), 7, "kein Brief der Art"),
    (("letters", "invitation", "--stack", "x"), 2, "gehören zu --posted"),
])
def test_the_command_refuses_in_a_line(workspace: Path, words: tuple[str, ...], code: int, said: str):
    done = gremium(workspace, *(str(workspace / word) if word.startswith("../") else word for word in words))
    assert (done.returncode, said in done.stderr, "Traceback" in done.stderr) == (code, True, False), done.stderr
