"""One message: what it says, and that every reader gets it whole."""

import datetime as dt
import email
import email.policy
import shutil
import subprocess
import sys
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import vobject
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from pipeline.errors import TemplateError
from pipeline.mail.address import allowed, usable
from pipeline.mail.headers import UnsafeHeader
from pipeline.mail.message import Letter, Message, compose
from pipeline.mail.texts import BadMailText, NoMailText, Text, Texts, context
from pipeline.papers.draft import Recipient
from pipeline.records import Meeting
from tests import makers
from tests.mail.conftest import NOW, TEMPLATES, draft, recipient

PDF = b"%PDF-1.7 \xe4\xf6\xfc"


def letter(whom: Recipient | None = None, meeting: Meeting | None = None, **changes: Any) -> Letter:
    whom = whom or recipient(makers.person())
    return Letter(draft=draft(whom), meeting=meeting or makers.meeting(), pdf=PDF, address="mia@haus.example", **changes)


@cache
def texts() -> Texts:
    return Texts(TEMPLATES, "invitation")


def composed(made: Letter, subject: str | None = None, **settings: Any) -> Message:
    house = makers.settings(**settings)
    assert made.draft.recipient is not None
    text = texts().fill(context(made.draft.recipient, made.meeting, house))
    if subject is not None:
        text = Text(subject=subject, plain=text.plain, html=text.html)
    return compose(made, text, house, date=NOW)


def read(message: Message) -> EmailMessage:
    found = email.message_from_bytes(message.as_bytes(), policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    assert not [defect for part in found.walk() for defect in part.defects]
    return found


def part(message: EmailMessage, kind: str) -> Any:
    return next(part.get_content() for part in message.walk() if part.get_content_type() == kind)


def entry(made: Letter) -> bytes:
    return part(read(composed(made)), "application/ics")


def test_the_message_is_built_as_outlook_gmail_and_apple_accept_it():
    message = read(composed(letter()))
    assert [(part.get_content_type(), part.get_filename()) for part in message.walk()] == [
        ("multipart/mixed", None), ("multipart/alternative", None), ("text/plain", None), ("text/html", None), ("text/calendar", None),
        ("application/ics", "invite.ics"), ("application/pdf", "invitation-M-002-P-001.pdf")]
    assert part(message, "application/pdf") == PDF
    calendar = next(part for part in message.walk() if part.get_content_type() == "text/calendar")
    assert (calendar.get_param("method"), calendar.get_param("charset")) == ("REQUEST", "utf-8")


@pytest.mark.parametrize("kind", ["text/plain", "text/html"])
def test_day_time_place_and_reply_date_are_readable_without_the_attachment(kind: str):
    text = part(read(composed(letter())), kind)
    for words in ("Sehr geehrte Frau Dr. Muster,", "Erstes Treffen des Expertenteams Energie", "Dienstag, 20.\xa0Juni\xa02017",
                  "14:00 bis 16:00\xa0Uhr", "Rathaus, Saal Hanse", "Friedensplatz 1, 44135 Dortmund", "Freitag, 9.\xa0Juni\xa02017", "Arbeitsweise"):
        assert words in text


def test_a_meeting_without_end_place_agenda_and_reply_date_reads_well():
    bare = makers.meeting(end=None, place="", address="", agenda=(), reply_by=None)
    text = part(read(composed(letter(meeting=bare))), "text/plain").replace("\r\n", "\n")
    assert "Zeit:  14:00\xa0Uhr\n\nBitte teilen Sie uns mit, ob" in text
    for word in ("Ort:", "Tagesordnung", "None", "bis zum"):
        assert word not in text


def test_values_are_text_in_the_html_and_never_markup():
    html = part(read(composed(letter(meeting=makers.meeting(title="Müller & <b>Söhne</b> {{ 7*7 }}")))), "text/html")
    assert "Müller &amp; &lt;b&gt;Söhne&lt;/b&gt; {{ 7*7 }}" in html


def test_the_headers_say_who_what_and_that_a_machine_wrote():
    message = read(composed(letter(), mail={"sender_name": "Müller, Büro „Allianz“", "reply_to": "antwort@stadt.example"}))
    assert message["from"].addresses[0].display_name == "Müller, Büro „Allianz“"
    assert message["reply-to"].addresses[0].addr_spec == "antwort@stadt.example"
    assert message["date"].datetime == NOW
    assert message["message-id"].endswith("@stadt.example>")
    assert (message["auto-submitted"], message["x-gremium-key"]) == ("auto-generated", "invitation/M-002/P-001")
    assert (message["x-gremium-campaign"], message["content-language"]) == ("invitation/M-002", "de")


def test_every_line_is_plain_ascii_short_and_ended_as_mail_demands():
    data = composed(letter()).as_bytes()
    assert data.isascii()
    assert data.count(b"\n") == data.count(b"\r\n")
    assert max(map(len, data.split(b"\r\n"))) <= 78 + len('Content-Type: ')


def test_the_same_input_gives_the_same_bytes_in_another_process_and_time_zone():
    code = ("import sys; sys.path.insert(0, '.'); from tests.mail.test_message import composed, letter;"
            "sys.stdout.buffer.write(composed(letter()).as_bytes())")
    made = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, cwd=Path(__file__).parents[2],
                          env={"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7", "LANG": "C"})
    assert made.stdout == composed(letter()).as_bytes()


# letters of all scripts, without control characters and lone surrogates, which are refused
words = st.text(st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=150).map(lambda text: " ".join(text.split()))


def spaced(text: str) -> str:
    return " ".join(text.split())


@given(words.filter(bool))
def test_every_subject_arrives_as_it_was_written(subject: str):
    data = composed(letter(), subject=subject).as_bytes()
    raw = email.message_from_bytes(data)["Subject"]
    assert spaced(str(make_header(decode_header(raw)))) == subject
    assert email.message_from_bytes(data, policy=email.policy.default)["subject"] == subject


@pytest.mark.parametrize("subject", ["Einladung für Müller und für Söhne und für Größe und für Änderung und für Übung am Donnerstag",
                                     "=?utf-8?q?kein_Code?=", "ä" * 300, "Wort" * 40, "a  b", "? = _ ?= =?"])
def test_subjects_that_others_break_arrive_whole(subject: str):
    message = read(composed(letter(), subject=subject))
    assert message["subject"] == subject


@given(words.filter(bool))
def test_every_name_arrives_as_it_was_written(name: str):
    message = composed(letter(recipient(makers.person(), name=name)))
    [(shown, address)] = getaddresses([email.message_from_bytes(message.as_bytes())["To"].replace("\r\n", "")])
    assert (spaced(str(make_header(decode_header(shown)))), address) == (name, "mia@haus.example")


@pytest.mark.parametrize("name", ["Muster, Mia", 'Mia "die Große" Muster', "Müller, Kai (Büro) <x@y.example>", "Dr. Mia Muster", "=?utf-8?q?x?=",
                                  "Frau Prof. Dr.-Ing. Annegret Freifrau von Übelacker-Großmann zu Hohenlimburg-Östlich, M. A.",
                                  "Geschäftsstelle der Allianz Smart City Dortmund – Wir.Machen.Zukunft."])
def test_names_with_commas_quotes_and_brackets_stay_one_recipient(name: str):
    [found] = read(composed(letter(recipient(makers.person(), name=name))))["to"].addresses
    assert (found.display_name, found.addr_spec) == (name, "mia@haus.example")


@pytest.mark.parametrize("bad", ["Einladung\r\nBcc: alle@welt.example", "Einladung\nX: y", "a\x00b", "a\u2028b", "a\ud800b"])
def test_a_line_break_or_control_character_in_a_header_is_refused(bad: str):
    with pytest.raises(UnsafeHeader, match="Subject"):
        composed(letter(), subject=bad)
    with pytest.raises(UnsafeHeader, match="To"):
        composed(letter(recipient(makers.person(), name=bad)))


# addresses


@pytest.mark.parametrize(("written", "used"), [
    ("mia@haus.example", "mia@haus.example"), (" Mia.Muster+x@Haus.Example ", "Mia.Muster+x@haus.example"),
    ("kim@straße.example", "kim@xn--strae-oqa.example"), ("kim@münchen.example", "kim@xn--mnchen-3ya.example"),
    ("ü@haus.example", "ü@haus.example"), ("u\u0308@haus.example", "ü@haus.example"), ("ü\u200b@haus.example", None),
    ("a\u2028b@haus.example", None), ("\ud800@haus.example", None),
    ("", None), ("mia", None), ("mia@haus", None), ("a@x.example, b@y.example", None),
    ("a@x.example;b@y.example", None),
    ("Mia <mia@haus.example>", None), ("a..b@haus.example", None), ("a@-x.example", None), ("a@x.example\nBcc: b@y.example", None),
])
def test_one_plain_address_is_usable_and_nothing_else(written: str, used: str | None):
    assert usable(written) == used


def test_an_empty_list_of_allowed_recipients_allows_all_and_a_useless_one_none():
    assert allowed("mia@haus.example", ())
    assert not allowed("mia@haus.example", ("",))
    assert allowed("Mia@haus.example", ("mia@HAUS.example",))
    assert allowed("mia@haus.example", ("@haus.example",))
    assert not allowed("mia@nicht-haus.example", ("haus.example",))


# texts


def test_a_mail_text_with_a_wrong_field_is_named_with_its_file(tmp_path: Path):
    (tmp_path / "invitation.html").write_text("x")
    for text, reason in (("Betreff: x\n\n{{ metting.title }}", "metting"), ("{{ x", "Zeile 1"), ("Betreff: x\nHallo", "beginnt nicht mit"),
                         ("Betreff: x\n\n{{ ''.__class__.__mro__ }}", "unsafe"), ("Betreff: x\n\n{{ 1 // 0 }}", "zero")):
        (tmp_path / "invitation.txt").write_text(text)
        with pytest.raises(BadMailText, match=reason):
            Texts(tmp_path, "invitation").fill(context(recipient(makers.person()), makers.meeting(), makers.settings()))


def test_what_stands_under_every_greeting_stands_once(tmp_path: Path):
    shutil.copytree(TEMPLATES, tmp_path, dirs_exist_ok=True)
    for name in ("foot.txt", "foot.html"):
        path = tmp_path / name
        path.write_text(path.read_text("utf-8").replace("Telefon", "Ruf"), "utf-8")
    shown = {"given": "2. März 2017", "way": "per Post", "revision": 1, "return_by": "", "reason": "", "signed": [], "after": []}
    kinds = {path.stem for path in TEMPLATES.iterdir()} - {"foot"}
    for kind in kinds:
        text = Texts(tmp_path, kind).fill(context(recipient(makers.person()), makers.meeting(), makers.settings()) | {"paper": shown})
        for said in (text.plain, text.html):
            assert (said.count("Ruf +49 231 5550-0"), said.count("Telefon"), said.count("Mit freundlichen Grüßen")) == (1, 0, 1), kind
    assert len(kinds) == 6


def test_a_fault_in_what_a_mail_text_draws_in_is_named_with_its_own_file(tmp_path: Path):
    (tmp_path / "invitation.txt").write_text('Betreff: x\n\nHallo\n{% include "foot.txt" %}')
    (tmp_path / "invitation.html").write_text("x")
    with pytest.raises(NoMailText, match=r"templates/mail/foot\.txt fehlt"):
        Texts(tmp_path, "invitation")
    for foot, reason in (("{{ x", r"foot\.txt: .*Zeile 1"), ("{{ offce.name }}", r"foot\.txt: 'offce'"), ("{{ 1 // 0 }}", r"foot\.txt: .*zero"),
                         (b"\xff", r"foot\.txt: nicht in UTF-8")):
        (tmp_path / "foot.txt").write_bytes(foot if isinstance(foot, bytes) else foot.encode())
        with pytest.raises(BadMailText, match=reason):
            Texts(tmp_path, "invitation").fill(context(recipient(makers.person()), makers.meeting(), makers.settings()))


def test_a_kind_without_a_mail_text_is_refused_by_name(tmp_path: Path):
    with pytest.raises(NoMailText, match=r"templates/mail/memorandum\.txt fehlt") as caught:
        Texts(tmp_path, "memorandum")
    assert isinstance(caught.value, TemplateError)


# the calendar entry


def test_two_libraries_read_the_entry_and_find_one_attendee():
    data = entry(letter(sequence=2))
    [event] = Calendar.from_ical(data).walk("VEVENT")
    other = vobject.readOne(data.decode())
    assert other.method.value == "REQUEST"
    assert (event["UID"], other.vevent.uid.value) == ("M-002@stadt.example", "M-002@stadt.example")
    assert (event["SEQUENCE"], event["ATTENDEE"], event["ATTENDEE"].params["RSVP"]) == (2, "mailto:mia@haus.example", "TRUE")
    assert len(other.vevent.attendee_list) == 1
    assert event["ORGANIZER"] == "mailto:allianz@stadt.example"
    assert event["LOCATION"] == "Rathaus, Saal Hanse, Friedensplatz 1, 44135 Dortmund"
    assert "2. Arbeitsweise" in event["DESCRIPTION"]
    assert Calendar.from_ical(data).walk("VTIMEZONE")
    assert other.serialize()


@pytest.mark.parametrize(("day", "offset"), [
    (dt.date(2017, 6, 20), 2), (dt.date(2017, 12, 5), 1), (dt.date(2017, 3, 25), 1), (dt.date(2017, 3, 26), 2),
    (dt.date(2017, 10, 28), 2), (dt.date(2017, 10, 29), 1), (dt.date(2035, 7, 1), 2),
])
def test_the_time_is_right_on_either_side_of_the_clock_change_by_the_entrys_own_rules(day: dt.date, offset: int):
    data = entry(letter(meeting=makers.meeting(date=day)))
    for start in (vobject.readOne(data.decode()).vevent.dtstart.value, Calendar.from_ical(data).walk("VEVENT")[0].start):
        assert start.replace(tzinfo=None) == dt.datetime.combine(day, dt.time(14))
        assert start.utcoffset() == dt.timedelta(hours=offset)
    zone = Calendar.from_ical(data).walk("VTIMEZONE")[0].to_tz(lookup_tzid=False)
    assert dt.datetime.combine(day, dt.time(14), tzinfo=zone).utcoffset() == dt.timedelta(hours=offset)


def test_a_meeting_past_midnight_ends_on_the_next_day():
    [event] = Calendar.from_ical(entry(letter(meeting=makers.meeting(start=dt.time(22), end=dt.time(1))))).walk("VEVENT")
    assert event.end - event.start == dt.timedelta(hours=3)
