from __future__ import annotations

import base64
import datetime as dt
import hashlib
import io
import json
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from email.message import EmailMessage
from functools import cache
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from PIL import Image

from pipeline.errors import VerificationError
from pipeline.ledger import Ledger
from pipeline.release import Approver, approve
from pipeline.settings import KeyPair
from pipeline.signing.arrival import Received, Return, State
from pipeline.signing.due import signed_path
from pipeline.signing.eulists import NoTrustedList, OtherList
from pipeline.signing.files import opened as key_file
from pipeline.signing.keys import trusted
from pipeline.signing.letterbox import NoFile, NothingAttached, NotUnwrapped, TooLarge, opened
from pipeline.signing.returns import confirm, receive
from pipeline.signing.sign import Signed, sign
from pipeline.signing.verdict import Indication, Reason
from pipeline.signing.verify import verify
from pipeline.workspace import Workspace, place
from tests.office import gremium, small
from tests.signing import forgeries
from tests.signing.authority import Authority, running
from tests.signing.paper import FIRST, given_out
from tests.signing.partners import NOW, YEAR, There, house, key, root, signed

LETTERS = {"P": Indication.PASSED, "I": Indication.INDETERMINATE, "F": Indication.FAILED}
CASES = forgeries.BEFORE | forgeries.AFTER | forgeries.SIGNERS


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[There]:
    """A house in which nothing of what comes back is accepted, so that all cases can share it."""
    folder = tmp_path_factory.mktemp("house")
    with Ledger(folder / "outputs" / "ledger.sqlite") as ledger:
        made = house(folder, ledger)
        made.issue("P-001")
        made.issue("P-002", partner=forgeries.OTHER)
        yield made


@pytest.fixture(scope="module")
def made(there: There) -> Callable[[str], bytes]:
    """What comes back in each case."""
    return cache(lambda case: CASES[case][0](there.issued["P-001", 1]))


def received(there: There, data: bytes, name: str = "zurück.pdf", now: dt.datetime = NOW) -> Return:
    [found] = receive([Received(name, data)], there.workspace, there.ledger, now=now)
    return found


@pytest.mark.parametrize("case", CASES)
def test_each_bad_return_has_its_verdict(there: There, made: Callable[[str], bytes], case: str) -> None:
    _, expected, letters = CASES[case]
    found = received(there, made(case))
    answered = "".join(next(letter for letter, indication in LETTERS.items() if indication is answer.indication) for answer in found.answers.values())
    assert (str(found.state), answered) == (expected, "".join(want if want != "?" else got for want, got in zip(letters, answered, strict=True))), \
        [str(answer) for answer in found.answers.values()]
    assert found.sentence
    assert not found.sentence.endswith(".")


@pytest.mark.parametrize("case", forgeries.BEFORE | forgeries.AFTER)
def test_without_a_workspace_no_forgery_is_good_either(made: Callable[[str], bytes], case: str) -> None:
    try:
        verdict = verify(made(case), now=NOW, trust=(root(),))
    except VerificationError as error:
        assert error.exit_code == 8
    else:
        assert not verdict.good


@pytest.mark.slow
@pytest.mark.parametrize("comes", ["as it was given out", "signed"])
def test_a_paper_saved_anew_by_a_real_office_suite_is_none_of_ours(tmp_path: Path, comes: str) -> None:
    folder = given_out(tmp_path / "office")
    workspace = Workspace.open(folder)
    [given] = (workspace.outputs / "signed" / "memorandum").glob("memorandum-P-001-*.pdf")
    (tmp_path / "paper.pdf").write_bytes(signed(given.read_bytes()) if comes == "signed" else given.read_bytes())
    subprocess.run(["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/lo", "--infilter=draw_pdf_import", "--convert-to",
                    "pdf:draw_pdf_Export", "--outdir", tmp_path / "made", tmp_path / "paper.pdf"], check=True, capture_output=True, timeout=120)
    data = (tmp_path / "made" / "paper.pdf").read_bytes()
    with Ledger(workspace.outputs / "ledger.sqlite") as ledger:
        [found] = receive([Received("zurück.pdf", data)], workspace, ledger, now=NOW)
    assert (found.state, found.key, found.total) == (State.REFUSED, FIRST, Indication.FAILED)
    assert "mit einem anderen Programm neu gespeichert" in found.answers["change"].sentence
    assert "die Seiten 1, 2, 3 und 4 sehen anders aus als ausgegeben" in found.sentence
    assert not verify(data, now=NOW, trust=trusted(workspace)).good


# which paper, and what follows


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[There]:
    with Ledger(tmp_path / "outputs" / "ledger.sqlite") as ledger:
        yield house(tmp_path, ledger)


def test_a_partners_signature_is_accepted_and_the_original_kept(fresh: There) -> None:
    data = signed(fresh.issue("P-001"))
    found = received(fresh, data, "C:\\Post\\Memorandum (zurück).pdf")
    assert (found.state, found.total) == (State.ACCEPTED, Indication.PASSED)
    assert found.sentence == "memorandum/P-001, Fassung 1: angenommen, unterzeichnet von Mia Muster am 07.06.2017 nach eigener Angabe"
    [row] = fresh.ledger.returns()["memorandum/P-001"]
    assert row.path == f"outputs/returned/{found.received.sha256[:16]}-Memorandum_zur_ck_.pdf"
    assert (fresh.workspace.root / row.path).read_bytes() == data
    assert ("memorandum/P-001", {"origin": "file", "revision": 1, "sha256": row.sha256, "state": "accepted"}) in fresh.ledger.noted("returned")


def test_the_next_signature_goes_onto_the_partners_file(fresh: There) -> None:
    data = signed(fresh.issue("P-001"))
    row = fresh.ledger.documents()["memorandum/P-001"]
    approve(fresh.workspace, fresh.ledger, [row], Approver(name="Leitung"), NOW)
    demonstrating = replace(fresh.workspace, settings=fresh.workspace.settings.model_copy(
        update={"signing": fresh.workspace.settings.signing.model_copy(update={"demo": True})}))

    def chamber() -> Signed:
        return sign(demonstrating, fresh.ledger, [row], ["kammer"], now=NOW, passphrase=lambda owner: None)
    assert chamber().signed == ()
    received(fresh, data)
    assert chamber().signed == (("memorandum/P-001", "kammer"),)
    after = (fresh.workspace.root / signed_path(row)).read_bytes()
    assert after.startswith(data)
    verdict = verify(after, now=NOW, trust=trusted(fresh.workspace), known=fresh.ledger.documents())
    assert [found.field for found in verdict.signatures] == ["stadt", "partner", "kammer"]
    assert verdict.good


def test_the_same_file_twice_is_the_same_return(fresh: There) -> None:
    data = signed(fresh.issue("P-001"))
    first, again = received(fresh, data, "eins.pdf"), received(fresh, data, "zwei.pdf", NOW + dt.timedelta(days=1))
    assert again.as_json() | {"file": "", "known_since": ""} == first.as_json() | {"file": ""}
    assert len(fresh.ledger.returns()["memorandum/P-001"]) == 1
    assert len(list((fresh.workspace.outputs / "returned").iterdir())) == 1
    assert len(fresh.ledger.noted("returned")) == 1


def test_a_file_that_came_before_says_since_when_it_is_known(fresh: There) -> None:
    data, later = signed(fresh.issue("P-001")) + b"x", NOW + dt.timedelta(days=1)
    first, again = received(fresh, data), received(fresh, data, now=later)
    assert (first.known_since, again.known_since) == ("", NOW.strftime("%Y-%m-%dT%H:%M:%SZ"))
    assert again.state is first.state is State.REFUSED
    assert received(fresh, data, now=later + dt.timedelta(days=1)).known_since == again.known_since


def test_twice_in_one_run_is_once(fresh: There) -> None:
    data = signed(fresh.issue("P-001"))
    assert len(receive([Received("a.pdf", data), Received("b.pdf", data)], fresh.workspace, fresh.ledger, now=NOW)) == 1


def test_a_second_signed_copy_does_not_displace_the_first(fresh: There) -> None:
    given = fresh.issue("P-001")
    received(fresh, signed(given))
    found = received(fresh, signed(given, at=NOW))
    assert (found.state, found.document.reason) == (State.UNCLEAR, Reason.FORKED)


def test_an_older_revision_is_told_from_the_present_one(fresh: There) -> None:
    old = fresh.issue("P-001")
    fresh.issue("P-001", revision=2)
    found = received(fresh, signed(old))
    assert (found.state, found.document.reason, found.document.sentence) == (State.REFUSED, Reason.OTHER_REVISION, "inzwischen gilt Fassung 2")


def test_what_was_taken_back_does_not_count_any_more(fresh: There) -> None:
    given = fresh.issue("P-001")
    fresh.ledger.withdraw(fresh.ledger.issues()["memorandum/P-001"][0], "falsche Anlage", NOW)
    found = received(fresh, signed(given))
    assert (found.state, found.document.reason, found.document.sentence) == (State.REFUSED, Reason.WITHDRAWN, "zurückgenommen, weil: falsche Anlage")


def test_what_was_never_given_out_is_accepted_once_that_is_noted(fresh: There) -> None:
    row = fresh.build("P-001")
    given = fresh.sign(row, "stadt")
    data = signed(given)
    found = received(fresh, data)
    assert (found.state, found.document.reason) == (State.UNCLEAR, Reason.NOT_ISSUED)
    fresh.give_out(row, given, signed_path(row))
    assert received(fresh, data).state is State.ACCEPTED
    assert [kept.state for kept in fresh.ledger.returns()["memorandum/P-001"]] == ["accepted"]


def test_the_partner_may_sign_first(fresh: There) -> None:
    row = fresh.build("P-001")
    built = (fresh.workspace.root / row.pdf).read_bytes()
    fresh.give_out(row, built, row.pdf)
    found = received(fresh, signed(built))
    assert found.state is State.ACCEPTED
    assert [made.field for made in fresh.ledger.signatures()[row.key]] == ["partner"]


def test_a_house_that_signs_with_time_stamps_wants_them_of_others(tmp_path: Path) -> None:
    with Ledger(tmp_path / "outputs" / "ledger.sqlite") as ledger:
        there = house(tmp_path, ledger, level="B-T", timestamp="http://127.0.0.1:9/")
        found = received(there, signed(there.issue("P-001")))
    assert (found.state, found.signatory.reason) == (State.TO_CONFIRM, Reason.NO_TIME)


def test_somebody_confirms_what_the_house_cannot_know(fresh: There) -> None:
    data = signed(fresh.issue("P-001"), key(issuer="Fremde Wurzel"))
    assert received(fresh, data).state is State.TO_CONFIRM
    assert "partner" not in [made.field for made in fresh.ledger.signatures()["memorandum/P-001"]]
    [row] = fresh.ledger.returns()["memorandum/P-001"]
    assert confirm(fresh.workspace, fresh.ledger, row, "Ada Amt", NOW)
    [row] = fresh.ledger.returns()["memorandum/P-001"]
    assert (row.state, row.confirmed_by) == ("accepted", "Ada Amt")
    assert [made.field for made in fresh.ledger.signatures()["memorandum/P-001"]] == ["stadt", "partner"]
    assert not confirm(fresh.workspace, fresh.ledger, row, "Ada Amt", NOW)


def test_a_run_that_broke_off_after_noting_is_brought_to_its_end(fresh: There) -> None:
    given = fresh.issue("P-001")
    data = signed(given)
    received(fresh, data)
    row = fresh.ledger.documents()["memorandum/P-001"]
    place(fresh.workspace.root / signed_path(row), given)
    with closing(sqlite3.connect(fresh.ledger.path)) as db, db:
        db.execute("DELETE FROM signatures WHERE field = 'partner'")
    received(fresh, data)
    assert (fresh.workspace.root / signed_path(row)).read_bytes() == data
    assert fresh.ledger.signatures()[row.key][-1].field == "partner"


def test_a_signature_by_a_key_of_the_trusted_list_is_accepted(tmp_path: Path) -> None:
    listed = base64.b64encode(root("Staatliche Wurzel").public_bytes(Encoding.DER)).decode()
    place(tmp_path / "inputs" / "trust" / "DE-TL.xml", LIST.format(certificate=listed).encode())
    with Ledger(tmp_path / "outputs" / "ledger.sqlite") as ledger:
        there = house(tmp_path, ledger, trusted_lists=("inputs/trust/DE-TL.xml",))
        found = received(there, signed(there.issue("P-001"), key(issuer="Staatliche Wurzel")))
        assert found.state is State.ACCEPTED
        withdrawn = LIST.format(certificate=listed).replace("Svcstatus/granted", "Svcstatus/withdrawn")
        place(tmp_path / "inputs" / "trust" / "DE-TL.xml", withdrawn.encode())
        with pytest.raises(NoTrustedList, match="keinen anerkannten Aussteller"):
            received(there, signed(there.issue("P-002"), key(issuer="Staatliche Wurzel")))


@pytest.mark.parametrize("data", [b"", b"<html>", b'<!DOCTYPE x [<!ENTITY a "b">]><x/>', None])
def test_a_trusted_list_that_is_none_is_named(tmp_path: Path, data: bytes | None) -> None:
    if data is not None:
        place(tmp_path / "inputs" / "liste.xml", data)
    with Ledger(tmp_path / "outputs" / "ledger.sqlite") as ledger:
        there = house(tmp_path, ledger, trusted_lists=("inputs/liste.xml",))
        with pytest.raises(NoTrustedList, match=r"inputs/liste\.xml ist keine Vertrauensliste"):
            received(there, b"%PDF-1.7")


def test_a_trusted_list_is_the_one_somebody_vouched_for(tmp_path: Path) -> None:
    data = LIST.format(certificate=base64.b64encode(root("Staatliche Wurzel").public_bytes(Encoding.DER)).decode()).encode()
    place(tmp_path / "inputs" / "liste.xml", data)
    with Ledger(tmp_path / "outputs" / "ledger.sqlite") as ledger:
        there = house(tmp_path, ledger, trusted_lists=({"path": "inputs/liste.xml", "sha256": hashlib.sha256(data).hexdigest().upper()},))
        assert received(there, signed(there.issue("P-001"), key(issuer="Staatliche Wurzel"))).state is State.ACCEPTED
        place(tmp_path / "inputs" / "liste.xml", data + b"\n")
        with pytest.raises(OtherList, match=r"inputs/liste\.xml ist nicht die Vertrauensliste"):
            received(there, signed(there.issue("P-002"), key(issuer="Staatliche Wurzel")))


LIST = """<?xml version="1.0" encoding="UTF-8"?>
<TrustServiceStatusList xmlns="http://uri.etsi.org/02231/v2#"><TrustServiceProviderList><TrustServiceProvider><TSPServices><TSPService>
<ServiceInformation><ServiceTypeIdentifier>http://uri.etsi.org/TrstSvc/Svctype/CA/QC</ServiceTypeIdentifier>
<ServiceDigitalIdentity><DigitalId><X509Certificate>{certificate}</X509Certificate></DigitalId></ServiceDigitalIdentity>
<ServiceStatus>http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/granted</ServiceStatus></ServiceInformation>
</TSPService></TSPServices></TrustServiceProvider></TrustServiceProviderList></TrustServiceStatusList>"""


# what the issuer of a certificate says today


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with running(tmp_path_factory.mktemp("authority"), NOW) as there:
        yield there


@pytest.mark.parametrize(("who", "partner", "wish", "state", "reason"), [
    ("firma", "Netz GmbH", "required", State.ACCEPTED, None),
    ("kammer", "Kammer zu Dortmund", "reachable", State.REFUSED, Reason.REVOKED),      # taken back on 1 June, signed on 7 June
    ("kammer", "Kammer zu Dortmund", "off", State.ACCEPTED, None),
])
def test_the_issuer_is_asked_whether_a_certificate_still_counts(tmp_path: Path, authority: Authority, who: str, partner: str, wish: str,
                                                                state: State, reason: Reason | None) -> None:
    place(tmp_path / "inputs" / "trust" / "behoerde.pem", authority.root)
    pair = KeyPair(certificate=f"{who}-certificate.pem", key=f"{who}.pem")
    theirs = key_file(authority.folder, pair, who, lambda owner: None)
    authority.asked.clear()
    with Ledger(tmp_path / "outputs" / "ledger.sqlite") as ledger:
        there = house(tmp_path, ledger, revocation=wish)
        found = received(there, signed(there.issue("P-001", partner=partner), theirs))
    assert (found.state, found.signatory.reason) == (state, reason)
    assert any("ocsp" in path for path in authority.asked) == (wish != "off")


def test_an_issuer_who_does_not_answer_leaves_it_to_a_person(tmp_path: Path, authority: Authority) -> None:
    place(tmp_path / "inputs" / "trust" / "behoerde.pem", authority.root)
    theirs = key_file(authority.folder, KeyPair(certificate="firma-certificate.pem", key="firma.pem"), "firma", lambda owner: None)
    authority.broken |= {"ocsp": 9, "crls": 9}
    try:
        with Ledger(tmp_path / "outputs" / "ledger.sqlite") as ledger:
            there = house(tmp_path, ledger, revocation="required")
            found = received(there, signed(there.issue("P-001", partner="Netz GmbH"), theirs))
    finally:
        authority.broken.clear()
    assert (found.state, found.signatory.reason) == (State.TO_CONFIRM, Reason.TRY_LATER)


# saved anew by real programs

PROGRAMS = {
    "printed into a PDF": (Indication.FAILED, ("pdftocairo", "-pdf", "{before}", "{after}")),        # its letters are set a little otherwise
    "optimised": (Indication.INDETERMINATE, ("qpdf", "--object-streams=generate", "--recompress-flate", "{before}", "{after}")),
    "cut together again": (Indication.INDETERMINATE, ("pdfunite", "{before}", "{after}")),
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_what_a_program_saved_anew_is_refused_and_named_as_such(street: Path, tmp_path: Path, program: str) -> None:
    given = sorted((street / "outputs" / "signed" / "memorandum").glob("*P-001*.pdf"))[0]
    document, command = PROGRAMS[program]
    words = [word.format(before=given, after=tmp_path / "neu.pdf") for word in command]
    if shutil.which(words[0]) is None:
        pytest.skip(f"{words[0]} is not installed")
    subprocess.run(words, check=True, capture_output=True)
    workspace = Workspace.open(street)
    with Ledger(street / "outputs" / "ledger.sqlite") as ledger:
        [found] = receive([Received("neu.pdf", (tmp_path / "neu.pdf").read_bytes())], workspace, ledger, now=dt.datetime.now(dt.UTC))
    assert found.state in (State.REFUSED, State.UNCLEAR)
    assert found.key == "memorandum/P-001"
    assert "nicht die ausgegebene Datei" in found.sentence
    assert found.document.indication is document, found.document      # where its pages look as they did, nobody is accused


# files from outside


def test_the_attachments_of_a_mail_are_returns_and_its_letterhead_is_not(tmp_path: Path) -> None:
    inner = EmailMessage()
    inner["Subject"] = "Weitergeleitet"
    inner.set_content("anbei")
    inner.add_attachment(b"%PDF-1.7 zwei", maintype="application", subtype="octet-stream", filename="zwei.PDF")
    letter = EmailMessage()
    letter["Subject"] = "Ihr Memorandum"
    letter.set_content("unterzeichnet zurück")
    letter.add_attachment(b"%PDF-1.7 eins", maintype="application", subtype="pdf", filename="../../Memorandum Müller.pdf")
    letter.add_attachment(b"hallo", maintype="text", subtype="plain", filename="gruss.txt")
    letter.add_attachment(inner)
    (tmp_path / "post.eml").write_bytes(letter.as_bytes())
    (tmp_path / "kasten.mbox").write_bytes(b"".join(b"From a@b.example Thu Jun  8 2017\n" + letter.as_bytes() + b"\n" for _ in range(2)))
    found = list(opened(tmp_path / "post.eml"))
    assert [(each.name, each.data, each.origin) for each in found] == [
        ("Memorandum Müller.pdf", b"%PDF-1.7 eins", "mail"), ("zwei.PDF", b"%PDF-1.7 zwei", "mail")]
    assert [each.name for each in opened(tmp_path / "kasten.mbox")] == [each.name for each in found] * 2


def test_a_mail_without_attachments_is_named(tmp_path: Path) -> None:
    (tmp_path / "leer.eml").write_bytes(b"Subject: Danke\n\nGern geschehen\n")
    with pytest.raises(NothingAttached, match=r"leer\.eml enthält weder PDF noch Bild"):
        list(opened(tmp_path / "leer.eml"))


@pytest.mark.parametrize(("kind", "name"), [("octet-stream", None), ("octet-stream", "Memorandum"), ("x-pdf", "Memorandum.pdf."), ("pdf", "")])
def test_an_attachment_is_what_its_first_bytes_say(tmp_path: Path, kind: str, name: str | None) -> None:
    letter = EmailMessage()
    letter.set_content("%PDF-1.7 steht hier nur als Text")
    letter.add_attachment(b"\r\n%PDF-1.7 eins", maintype="application", subtype=kind, **({"filename": name} if name else {}))
    letter.add_attachment(sheet(1240, 1754), maintype="application", subtype="octet-stream", filename="Scan")
    (tmp_path / "post.eml").write_bytes(letter.as_bytes())
    assert [(each.name, each.origin) for each in opened(tmp_path / "post.eml")] == [(name or "anhang", "mail"), ("Scan", "mail")]


def test_a_mail_attached_as_a_file_is_opened(tmp_path: Path) -> None:
    inner = EmailMessage()
    inner.set_content("anbei")
    inner.add_attachment(b"%PDF-1.7 zwei", maintype="application", subtype="pdf", filename="zwei.pdf")
    letter = EmailMessage()
    letter.set_content("weitergeleitet")
    letter.add_attachment(inner.as_bytes(), maintype="application", subtype="octet-stream", filename="Antwort.EML")
    (tmp_path / "post.eml").write_bytes(letter.as_bytes())
    assert [each.name for each in opened(tmp_path / "post.eml")] == ["zwei.pdf"]


def test_logos_are_no_returns_and_photos_in_the_text_are(tmp_path: Path) -> None:
    letter = EmailMessage()
    letter.set_content("anbei")
    letter.add_attachment(sheet(700, 900), maintype="image", subtype="png", filename="image001.png", disposition="inline", cid="<image001@x>")
    letter.add_attachment(sheet(400, 90), maintype="image", subtype="png", filename="logo.png")
    letter.add_attachment(b"<svg/>", maintype="image", subtype="svg+xml", filename="wappen.svg", disposition="inline", cid="<wappen@x>")
    letter.add_attachment(sheet(1240, 1754), maintype="image", subtype="png", filename="IMG_1.png", disposition="inline", cid="<img@x>")
    (tmp_path / "post.eml").write_bytes(letter.as_bytes())
    assert [each.name for each in opened(tmp_path / "post.eml")] == ["IMG_1.png"]


def test_what_is_wrapped_up_is_named_and_the_rest_still_read(tmp_path: Path) -> None:
    letter = EmailMessage()
    letter.set_content("anbei")
    letter.add_attachment(b"%PDF-1.7 eins", maintype="application", subtype="pdf", filename="eins.pdf")
    for name in ("Antwort.msg", "scans.ZIP", "smime.p7m", "smime.p7s"):
        letter.add_attachment(b"x", maintype="application", subtype="octet-stream", filename=name)
    (tmp_path / "post.eml").write_bytes(letter.as_bytes())
    found = []
    with pytest.raises(NotUnwrapped, match=r"post\.eml: diese Anhänge wurden nicht geöffnet: Antwort\.msg, scans\.ZIP, smime\.p7m$"):
        for each in opened(tmp_path / "post.eml"):
            found.append(each.name)
    assert found == ["eins.pdf"]


def sheet(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("L", (width, height), 200).save(file, "PNG")
    return file.getvalue()


def test_half_a_gigabyte_is_refused_without_being_read(tmp_path: Path) -> None:
    with (tmp_path / "riese.pdf").open("wb") as file:
        file.truncate(500_000_000)
    with pytest.raises(TooLarge, match=r"riese\.pdf ist mit 500 MB zu groß und wurde nicht gelesen"):
        list(opened(tmp_path / "riese.pdf"))


def test_names_from_outside_are_shown_on_one_line_and_steer_nothing(tmp_path: Path) -> None:
    path = tmp_path / "Ver\ntrag \x1b[31m\u202efdp.exe Grüße.pdf"
    path.write_bytes(b"%PDF-1.7")
    assert [each.name for each in opened(path)] == ["Ver trag [31m fdp.exe Grüße.pdf"]


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no devices here")
def test_a_device_is_no_file() -> None:
    with pytest.raises(NoFile, match="zero ist keine Datei und wurde nicht gelesen"):
        list(opened(Path("/dev/zero")))


def test_an_empty_file_is_a_return_that_nobody_can_read(fresh: There) -> None:
    found = received(fresh, b"", "leer.pdf")
    assert found.state in (State.REFUSED, State.UNCLEAR)


@pytest.mark.parametrize("name", ["Memorandum", "memorandum.p7m", "..", "\u202e", "x" * 300])
def test_a_pdf_is_signed_on_under_whatever_name_it_came(fresh: There, name: str) -> None:
    found = received(fresh, signed(fresh.issue("P-001")), name)
    assert found.state is State.ACCEPTED
    assert fresh.ledger.signatures()["memorandum/P-001"][-1].field == "partner"


# at the keyboard


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small office that has given out its memoranda, signed with demonstration keys."""
    folder = small(tmp_path_factory.mktemp("street"))
    for words in (("build", "memorandum"), ("approve", "memorandum", "--by", "Prüfung"), ("sign", "memorandum"), ("issue", "memorandum")):
        assert gremium(folder, *words).returncode == 0
    place(folder / "inputs" / "trust" / "wurzel.pem", root().public_bytes(Encoding.PEM))
    return folder


@pytest.mark.slow
def test_receive_and_verify_at_the_keyboard(street: Path, tmp_path: Path) -> None:
    today = dt.datetime.now(dt.UTC)
    given = sorted((street / "outputs" / "signed" / "memorandum").glob("*P-001*.pdf"))[0].read_bytes()
    good = signed(given, key("Mia Muster", "Brückner & Söhne GmbH", since=today - YEAR, until=today + YEAR), at=today)
    (tmp_path / "gut.pdf").write_bytes(good)
    (tmp_path / "schlecht.pdf").write_bytes(good + b"x")
    (tmp_path / "post.eml").write_bytes(b"Subject: Danke\n\nGern geschehen\n")
    bad = gremium(street, "receive", str(tmp_path / "schlecht.pdf"), str(tmp_path / "post.eml"))
    assert bad.returncode == 8
    assert "schlecht.pdf: zurückgewiesen" in bad.stdout
    assert "schon eingegangen" not in bad.stdout
    assert "Nicht gelesen: post.eml enthält weder PDF noch Bild" in bad.stderr
    done = gremium(street, "receive", str(tmp_path / "gut.pdf"), "--json")
    assert done.returncode == 0, done.stderr
    [found] = json.loads(done.stdout)["returns"]
    assert (found["key"], found["state"], found["total"], found["known_since"]) == ("memorandum/P-001", "accepted", "total-passed", "")
    again = gremium(street, "receive", str(tmp_path / "gut.pdf"))
    assert re.search(r"schon eingegangen am \d\d\.\d\d\.\d{4} um \d\d:\d\d Uhr, dieselbe Datei\n", again.stdout)
    [known] = json.loads(gremium(street, "receive", str(tmp_path / "gut.pdf"), "--json").stdout)["returns"]
    assert dt.datetime.fromisoformat(known["known_since"]) >= today.replace(microsecond=0)
    assert known | {"known_since": ""} == found
    here = gremium(street, "verify", str(tmp_path / "gut.pdf"))
    assert here.returncode == 0
    assert "zurückgekommen: memorandum/P-001, Fassung 1: angenommen" in here.stdout
    nowhere = gremium(tmp_path, "verify", str(tmp_path / "gut.pdf"), "--json")
    assert nowhere.returncode == 0
    assert [each["field"] for each in json.loads(nowhere.stdout)["signatures"]] == ["stadt", "kammer", "partner"]
    altered = gremium(tmp_path, "verify", str(tmp_path / "schlecht.pdf"), "--json")
    assert altered.returncode == 8
    assert json.loads(altered.stdout)["change"]["reason"] == "UNCOVERED_BYTES"
