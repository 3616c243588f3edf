import datetime as dt
import mailbox
from email.message import EmailMessage

import pytest
from openpyxl import load_workbook

from pipeline.errors import TableError
from pipeline.tables.backup import replaced
from pipeline.tables.joining import NoMessages, proposals, wanted
from pipeline.tables.load import load
from pipeline.tables.proposals import InUse, accepted, proposed
from tests.tables.offices import PARTNER, csv, office

NOW = dt.datetime(2017, 5, 4, 10, 15, tzinfo=dt.UTC)
BODY = """Guten Tag,

wir möchten dabei sein.

Mit freundlichen Grüßen
Dr. Mia von der Heide
Leiterin Entwicklung

Heide & Söhne GmbH & Co. KG
Hafenstraße 12 a | 44147 Dortmund
Tel. +49 231 5550-100 · Fax +49 231 5550-101

Am 1. März 2017 schrieb die Allianz:
> Falsche Straße 1, 99999 Nirgendwo
"""


def mail(subject="Ich bin Allianz-Partner", body=BODY, sender="Dr. Mia von der Heide <mia@heide.example>", **heads):
    message = EmailMessage()
    message["From"], message["Subject"], message["Date"] = sender, subject, "Tue, 14 Mar 2017 09:12:00 +0100"
    message["Message-ID"] = heads.get("identity", "<1@heide.example>")
    message.set_content(body, subtype=heads.get("subtype", "plain"))
    return message


def found(tmp_path, *messages):
    folder = tmp_path / "post"
    folder.mkdir(exist_ok=True)
    for number, message in enumerate(messages):
        (folder / f"{number}.eml").write_bytes(bytes(message))
    return list(proposals(folder))


def texts(proposal):
    return {field: guess.text for field, guess in proposal.fields.items()}


@pytest.mark.parametrize("subject", [
    "Ich bin Allianz-Partner", "ICH BIN ALLIANZ-PARTNER!", "Re: Ich bin Allianz-Partner", "AW: AW: ich bin allianz-partner",
    "Re[2]: Ich bin Allianz-Partner",
    "Ich  bin Allianz\u2011Partner", "WG: Ich bin Allianz - Partner", "„Ich bin Allianz-Partner“"])
def test_the_subject_is_recognised_however_it_is_answered(subject):
    assert wanted(subject)


@pytest.mark.parametrize("subject", ["", "Ich bin kein Allianz-Partner", "Frage zu: Ich bin Allianz-Partner", "Allianz-Partner"])
def test_other_subjects_are_passed_over(subject):
    assert not wanted(subject)


def test_a_mail_gives_each_field_with_how_sure_it_is(tmp_path):
    [proposal] = found(tmp_path, mail(), mail("Angebot"))
    assert texts(proposal) == {
        "email": "mia@heide.example", "title": "Dr.", "first_name": "Mia", "last_name": "von der Heide", "function": "Leiterin Entwicklung",
        "name": "Heide & Söhne GmbH & Co. KG", "street": "Hafenstraße 12 a", "postcode": "44147", "city": "Dortmund", "phone": "+49 231 5550-100"}
    assert (str(proposal.fields["email"].sure), str(proposal.fields["function"].sure)) == ("sicher", "vermutlich")
    assert (proposal.source, proposal.received) == ("0.eml", "2017-03-14 09:12")


def test_a_mail_with_an_address_alone_gives_that_alone(tmp_path):
    [proposal] = found(tmp_path, mail(body="Wir sind dabei!", sender="info@verein.example"))
    assert texts(proposal) == {"email": "info@verein.example"}


def test_a_mail_in_html_is_read_as_text_and_nothing_in_it_is_run(tmp_path):
    html = "<html><head><style>p{}</style></head><body><script>alert(1)</script><p>Viele Grüße</p><p>Ada Lampe</p><p>Licht e. V.</p></body></html>"
    [proposal] = found(tmp_path, mail(body=html, subtype="html", sender="ada@licht.example"))
    assert texts(proposal) == {"email": "ada@licht.example", "first_name": "Ada", "last_name": "Lampe", "name": "Licht e. V."}


def test_of_a_forwarded_mail_the_first_sender_joins(tmp_path):
    body = f"Zur Kenntnis\n\nVon: Mia Heide <mia@heide.example>\nBetreff: Ich bin Allianz-Partner\n\n{BODY}"
    [proposal] = found(tmp_path, mail("WG: Ich bin Allianz-Partner", body, sender="Büro <buero@stadt.example>"))
    assert (texts(proposal)["email"], str(proposal.fields["email"].sure)) == ("mia@heide.example", "vermutlich")


def test_mbox_and_maildir_are_read_and_left_as_they_are(tmp_path):
    box = mailbox.mbox(tmp_path / "post.mbox")
    box.add(mail())
    box.add(mail("Angebot"))
    box.close()
    before = (tmp_path / "post.mbox").read_bytes()
    folder = mailbox.Maildir(tmp_path / "Maildir")
    folder.add(mail())
    assert [len(list(proposals(tmp_path / name))) for name in ("post.mbox", "Maildir")] == [1, 1]
    assert (tmp_path / "post.mbox").read_bytes() == before
    assert len(list((tmp_path / "Maildir/new").iterdir())) == 1


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"\xd0\xcf\x11\xe0 Outlook", b"nur Text\n", b"\0\0\0"])
def test_what_is_no_message_says_so(tmp_path, data):
    (tmp_path / "post.eml").write_bytes(data)
    with pytest.raises(NoMessages):
        list(proposals(tmp_path / "post.eml"))


@pytest.mark.parametrize("data", [
    b"Subject: Ich bin Allianz-Partner\n\n",
    b"Subject: Ich bin Allianz-Partner\nFrom: \xff\xfe<<@\nDate: nie\nContent-Type: text/plain; charset=nie\n\n\xff",
    b"From: a@b.example\nSubject: =?utf-8?q?Ich_bin_Allianz-Partner?=\nContent-Transfer-Encoding: base64\n\n!!!"])
def test_a_broken_message_still_makes_a_proposal(tmp_path, data):
    (tmp_path / "post.eml").write_bytes(data)
    assert len(list(proposals(tmp_path / "post.eml"))) == 1


def intake(workspace, *messages):
    made = proposed(workspace, load(workspace).value, found(workspace.root, *messages))
    if made.data:
        replaced(workspace.inputs / "joining.xlsx", made.data, NOW)
    return made


def tick(workspace, **changes):
    path = workspace.inputs / "joining.xlsx"
    book = load_workbook(path)
    sheet = book["Vorschläge"]
    columns = {cell.value: cell.column for cell in sheet[1]}
    for row in range(2, sheet.max_row + 1):
        for heading, value in ({"Übernehmen": "ja"} | changes).items():
            sheet.cell(row, columns[heading], value)
    book.save(path)


def test_proposals_stand_in_a_table_of_their_own_with_their_origin(tmp_path):
    workspace = office(tmp_path)
    before = (workspace.inputs / "partners.xlsx").read_bytes()
    intake(workspace, mail())
    sheet = load_workbook(workspace.inputs / "joining.xlsx")["Vorschläge"]
    row = dict(zip((cell.value for cell in sheet[1]), (cell.value for cell in sheet[2]), strict=True))
    assert (row["Organisation"], row["Quelle"], row["Nachricht"]) == ("Heide & Söhne GmbH & Co. KG", "0.eml", "<1@heide.example>")
    assert "Funktion: vermutlich (Signatur)" in row["Wie sicher"]
    assert (workspace.inputs / "partners.xlsx").read_bytes() == before
    assert load(workspace).findings == ()


def test_the_same_mail_never_makes_two_proposals_even_when_its_row_was_deleted(tmp_path):
    workspace = office(tmp_path)
    intake(workspace, mail())
    book = load_workbook(workspace.inputs / "joining.xlsx")
    book["Vorschläge"].delete_rows(2)
    book.save(workspace.inputs / "joining.xlsx")
    again = intake(workspace, mail(), mail(identity="<2@heide.example>"), mail(identity="<2@heide.example>"))
    assert ([one.message for one in again.added], again.known) == (["<2@heide.example>"], 2)


def test_a_partner_who_is_there_already_is_named(tmp_path):
    workspace = office(tmp_path, partners=[PARTNER, PARTNER | {"key": "P-002", "name": "Heide und Söhne GmbH & Co. KG", "email": "x@heide.example"}])
    intake(workspace, mail(), mail(identity="<2@b>", sender="Mia <mia@brueckner.example>", body="Ja"))
    sheet = load_workbook(workspace.inputs / "joining.xlsx")["Vorschläge"]
    at = {cell.value: cell.column for cell in sheet[1]}["Vielleicht schon da"]
    assert sheet.cell(2, at).value.startswith("P-002 (Heide und Söhne GmbH & Co. KG, Ähnlichkeit")
    assert sheet.cell(3, at).value == "P-001 (dieselbe E-Mail-Adresse)"


def test_ticked_rows_become_partners_and_everything_else_stays(tmp_path):
    workspace = office(tmp_path)
    intake(workspace, mail())
    tick(workspace)
    done = accepted(workspace, load(workspace).value)
    kept = replaced(done.partners, done.partner_data, NOW)
    replaced(workspace.inputs / "joining.xlsx", done.proposal_data, NOW)
    assert done.moved == (("P-002", "Heide & Söhne GmbH & Co. KG"),)
    assert kept.name == "partners-2017-05-04-101500.xlsx"
    checked = load(workspace)
    assert checked.errors == ()
    first, second = checked.value.partners
    assert (first.name, second.address.postcode, second.phone, second.origin.row) == (PARTNER["name"], "44147", "+49 231 5550-100", 3)
    sheet = load_workbook(workspace.inputs / "partners.xlsx").active
    assert sheet.auto_filter.ref == "A1:U3"
    assert {cell.value for cell in sheet[3] if cell.quotePrefix} == {"+49 231 5550-100"}
    assert load_workbook(workspace.inputs / "joining.xlsx")["Vorschläge"].max_row == 1
    assert intake(workspace, mail()).added == ()


def test_a_partner_table_in_a_text_file_is_added_to_in_its_own_charset(tmp_path):
    text = "Partner-Nr.;Organisation;E-Mail;Telefon;Status\r\nP-009;Müller;m@mueller.example;;Teilnahme\r\n"
    workspace = csv(office(tmp_path), "partners", text, charset="cp1252")
    intake(workspace, mail())
    tick(workspace, Organisation="@Sömmer GmbH")
    done = accepted(workspace, load(workspace).value)
    added = done.partner_data.decode("cp1252").splitlines()[-1]
    assert added == "P-010;'@Sömmer GmbH;mia@heide.example;+49 231 5550-100;Interessensbekundung"


def test_ticked_rows_with_errors_stay_and_are_named(tmp_path):
    workspace = office(tmp_path)
    intake(workspace, mail())
    tick(workspace, PLZ="4414")
    done = accepted(workspace, load(workspace).value)
    assert (done.moved, done.partner_data) == ((), b"")
    assert [finding.place.column for finding in done.findings] == ["PLZ"]


def test_rows_that_are_not_ticked_stay(tmp_path):
    workspace = office(tmp_path)
    intake(workspace, mail())
    assert accepted(workspace, load(workspace).value).moved == ()


def test_a_table_that_somebody_has_open_is_not_touched(tmp_path):
    workspace = office(tmp_path)
    intake(workspace, mail())
    (workspace.inputs / "~$partners.xlsx").write_bytes(b"")
    with pytest.raises(InUse, match=r"partners\.xlsx"):
        accepted(workspace, load(workspace).value)


@pytest.mark.parametrize("data", [None, b"%PDF"])
def test_without_a_table_of_proposals_there_is_nothing_to_accept(tmp_path, data):
    workspace = office(tmp_path)
    if data:
        (workspace.inputs / "joining.xlsx").write_bytes(data)
    with pytest.raises(TableError, match=r"joining\.xlsx"):
        accepted(workspace, load(workspace).value)
