from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from PIL import Image

from pipeline.conclusion import Course, courses
from pipeline.findings import Severity
from pipeline.ledger import DocumentRow, IssueRow, Ledger, ReturnRow, SignatureRow
from pipeline.register import CERTIFICATE, HEADINGS, REGISTER, certificate, register_pdf, row
from pipeline.signing.arrival import Received
from pipeline.signing.returns import receive
from pipeline.tables.register import register
from pipeline.word.lint import lint
from pipeline.word.template import Template
from pipeline.workspace import Workspace
from tests import makers
from tests.office import ROOT, gremium
from tests.pdf.judge import faults, spoken
from tests.signing.paper import FIRST, NOW, SECOND, THIRD, given_out, picture, scan, sheets

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def received(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office that got one memorandum back signed, and one unsigned."""
    folder = given_out(tmp_path_factory.mktemp("office"))
    workspace = Workspace.open(folder)
    pages = [*sheets(folder, FIRST), *sheets(folder, SECOND, signed=False)]
    with Ledger(workspace.outputs / "ledger.sqlite") as ledger:
        found = receive([Received("stapel.pdf", scan(pages), "file")], workspace, ledger, now=NOW)
    assert [(each.key, str(each.state)) for each in found] == [(FIRST, "to-confirm"), (SECOND, "refused")]
    return folder


@pytest.fixture
def office(received: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "office"
    shutil.copytree(received, folder)
    return folder


def told(done: subprocess.CompletedProcess[str]) -> dict[str, list[dict[str, object]]]:
    assert done.returncode == 0, done.stderr
    found: dict[str, list[dict[str, object]]] = json.loads(done.stdout)
    return found


def test_what_is_confirmed_is_shown_first_and_nobody_answers_for_it_unasked(office: Path) -> None:
    done = gremium(office, "confirm", FIRST, "--by", "K. Muster")
    assert done.returncode == 2 and "niemand zu fragen" in done.stderr
    assert "von Hand unterzeichnet auf Seite 3" in done.stderr and "outputs/returned/" in done.stderr
    assert gremium(office, "confirm", FIRST, "--by", " ", "--yes").returncode == 6


def test_paper_is_confirmed_once_and_concludes_the_memorandum(office: Path) -> None:
    [done] = told(gremium(office, "confirm", FIRST, "--by", "K. Muster", "--yes", "--json"))["confirmed"]
    assert (done["key"], done["state"]) == (FIRST, "concluded")
    again = gremium(office, "confirm", FIRST, "--by", "K. Muster", "--yes")
    assert again.returncode == 8 and "schon bestätigt von K. Muster" in again.stderr
    documents = {each["key"]: each["state"] for each in told(gremium(office, "status", "--json"))["documents"]}
    assert (documents[FIRST], documents[SECOND]) == ("concluded", "issued")
    with Ledger(office / "outputs" / "ledger.sqlite", read_only=True) as ledger:
        assert [(key, detail["by"]) for key, detail in ledger.noted("confirmed")] == [(FIRST, "K. Muster")]


def test_signatures_on_paper_are_not_added_to_a_memorandum_that_is_concluded(office: Path) -> None:
    told(gremium(office, "confirm", FIRST, "--by", "K. Muster", "--countersigned", "--yes", "--json"))
    with Ledger(office / "outputs" / "ledger.sqlite", read_only=True) as ledger:
        before = ledger.events()
    again = gremium(office, "confirm", FIRST, "--by", "Jemand anders", "--countersigned", "--yes")
    assert again.returncode == 8 and f"{FIRST} ist schon abgeschlossen, seit dem" in again.stderr
    with Ledger(office / "outputs" / "ledger.sqlite", read_only=True) as ledger:
        assert ledger.events() == before


def test_a_blank_scan_is_put_aside_by_somebody_and_its_original_kept(office: Path, tmp_path: Path) -> None:
    Image.new("L", (1240, 1754), 255).save(tmp_path / "leer.png")
    assert gremium(office, "receive", str(tmp_path / "leer.png")).returncode == 8
    [step] = [step for step in told(gremium(office, "next", "--json"))["next"] if step["rule"] == "unclear"]
    words = str(step["command"]).removeprefix("gremium ").replace("NAME", "Muster").split()
    unasked = gremium(office, *words)
    assert unasked.returncode == 2 and "nur leere Seiten" in unasked.stderr
    [done] = told(gremium(office, *words, "--yes", "--json"))["dismissed"]
    assert (office / str(done["file"])).read_bytes() == (tmp_path / "leer.png").read_bytes()
    assert "unclear" not in {step["rule"] for step in told(gremium(office, "next", "--json"))["next"]}
    again = gremium(office, "confirm", "--dismiss", str(done["file"]), "--by", "Muster", "--yes")
    assert again.returncode == 8 and "schon beiseitegelegt von Muster" in again.stderr
    with Ledger(office / "outputs" / "ledger.sqlite", read_only=True) as ledger:
        assert [(detail["sha256"], detail["by"]) for _, detail in ledger.noted("dismissed")] == [(done["sha256"], "Muster")]


def test_only_what_is_unclear_is_put_aside(office: Path) -> None:
    [original] = (office / "outputs" / "returned").iterdir()
    for asked, why in ((original.name, "nicht beiseitezulegen"), ("nichts.pdf", "unter diesem Namen ist nichts zurückgekommen")):
        done = gremium(office, "confirm", "--dismiss", asked, "--by", "K. Muster", "--yes")
        assert done.returncode == 8 and why in done.stderr
    assert gremium(office, "confirm", "--dismiss", "x", "--countersigned", "--by", "K. Muster").returncode == 2


def test_what_was_refused_or_never_came_or_is_not_the_original_any_more_is_not_confirmed(office: Path) -> None:
    for key, why in ((SECOND, "ist nichts zu sehen"), (THIRD, "davon ist nichts zurückgekommen")):
        done = gremium(office, "confirm", key, "--by", "K. Muster", "--yes")
        assert done.returncode == 8 and why in done.stderr
    [original] = (office / "outputs" / "returned").iterdir()
    original.write_bytes(original.read_bytes() + b" ")
    done = gremium(office, "confirm", FIRST, "--by", "K. Muster", "--yes")
    assert done.returncode == 8 and "seit der Annahme verändert" in done.stderr


def test_register_and_certificate_are_archival_say_it_all_and_stay_the_same(office: Path, tmp_path: Path) -> None:
    told(gremium(office, "confirm", FIRST, "--by", "K. Muster", "--yes", "--json"))
    said = told(gremium(office, "register", "--json"))
    assert [(each["key"], each["state"]) for each in said["memoranda"]] == [(FIRST, "concluded"), (SECOND, "issued"), (THIRD, "issued")]
    folder = office / "outputs" / "register"
    paper, whole = (folder / "abschluss-memorandum-P-001-1.pdf").read_bytes(), (folder / "register.pdf").read_bytes()
    assert faults(paper, tmp_path) == [] and faults(whole, tmp_path) == []
    text = spoken(paper, tmp_path)
    assert text.count("\f") == 1
    for said_there in ("Abschlussbescheinigung", "Brückner & Söhne GmbH", "DEMO Stadt Dortmund", "B-B", "von Hand, auf Papier", "freigegeben",
                       "von Prüfung", "per Post", "bestätigt", "K. Muster", "Vorführzertifikat"):
        assert said_there in text, said_there
    assert len(re.findall(r"\b[0-9a-f]{64}\b", text)) >= 3
    assert "1 abgeschlossen" in spoken(whole, tmp_path)
    assert told(gremium(office, "register", "--json"))["changed"] == []


def test_verify_knows_the_certificates_and_registers_this_office_made_and_no_others(office: Path, tmp_path: Path) -> None:
    told(gremium(office, "confirm", FIRST, "--by", "K. Muster", "--yes", "--json"))
    told(gremium(office, "register", "--json"))
    paper = office / "outputs" / "register" / "abschluss-memorandum-P-001-1.pdf"
    done = gremium(office, "verify", paper)
    assert done.returncode == 0 and f"Abschlussbescheinigung zu {FIRST}, Fassung 1, hier ausgestellt am" in done.stdout
    assert "Register der Memoranden, hier ausgestellt am" in gremium(office, "verify", paper.with_name("register.pdf")).stdout
    forged = tmp_path / "forged.pdf"
    forged.write_bytes(paper.read_bytes().replace(b"%%EOF", b"%%EOF\n"))
    done = gremium(office, "verify", forged)
    assert done.returncode == 8 and "dieser Arbeitsordner hat diese Datei nicht ausgestellt" in done.stdout
    done = gremium(tmp_path, "verify", paper)
    assert f"Abschlussbescheinigung zu {FIRST}" in done.stdout and "kein Arbeitsordner da" in done.stdout


def test_the_workbook_holds_every_memorandum_with_its_hashes(office: Path) -> None:
    assert gremium(office, "register").returncode == 0
    sheet = openpyxl.load_workbook(office / "outputs" / "register" / "register.xlsx").active
    first, *rows = sheet.iter_rows(values_only=True)
    assert first == HEADINGS and [line[0] for line in rows] == [FIRST, SECOND, THIRD]
    found = dict(zip(first, rows[0], strict=True))
    assert found["Stand"] == "zurück" and found["Weg"] == "per Post" and len(found["SHA-256 des Rücklaufs"]) == 64


def test_paper_that_came_sheet_by_sheet_is_certified_with_the_hash_of_each_file(office: Path, tmp_path: Path) -> None:
    files = [picture(page, "JPEG") for page in sheets(office, THIRD)]
    for number in (3, 1, 4, 2):
        (tmp_path / f"p{number}.jpg").write_bytes(files[number - 1])
    assert gremium(office, "receive", *(str(tmp_path / f"p{number}.jpg") for number in (3, 1, 4, 2))).returncode == 0
    told(gremium(office, "confirm", THIRD, "--by", "K. Muster", "--yes", "--json"))
    told(gremium(office, "register", "--json"))
    hashes = [hashlib.sha256(files[number - 1]).hexdigest() for number in (3, 1, 4, 2)]
    text = spoken((office / "outputs" / "register" / "abschluss-memorandum-P-003-1.pdf").read_bytes(), tmp_path)
    assert text.count("\f") == 1 and "Rücklauf, Datei 4 von 4" in text
    assert [text.index(sha256) for sha256 in hashes] == sorted(text.index(sha256) for sha256 in hashes)
    assert listed(office, THIRD)["SHA-256 des Rücklaufs"] == ", ".join(hashes)


def test_many_files_of_one_return_have_one_hash_over_their_list(office: Path, tmp_path: Path) -> None:
    workspace = Workspace.open(office)
    with Ledger(workspace.outputs / "ledger.sqlite") as ledger:
        first = _concluded(courses(workspace.settings, ledger, {})[0])
    many = tuple(replace(first.returns[0], sha256=f"{number:064x}") for number in range(12))
    text = spoken(certificate(workspace, replace(first, returns=many), NOW), tmp_path)
    assert hashlib.sha256("".join(f"{number:064x}\n" for number in range(12)).encode()).hexdigest() in text
    assert text.count("\f") == 1 and "Liste der Prüfsummen der 12 Dateien" in " ".join(text.split())


def test_the_certificate_says_of_no_broken_proof_that_a_key_stands_behind_it(office: Path, tmp_path: Path) -> None:
    workspace = Workspace.open(office)
    with Ledger(workspace.outputs / "ledger.sqlite") as ledger:
        first = _concluded(courses(workspace.settings, ledger, {})[0])
    tampered = replace(first, approvals=tuple(replace(given, proof=b"\0") for given in first.approvals))
    text = " ".join(spoken(certificate(workspace, tampered, NOW), tmp_path).split())
    assert "von Prüfung, der Nachweis hält nicht" in text and "mit Schlüssel belegt" not in text


def test_what_comes_after_the_conclusion_does_not_displace_what_was_confirmed(office: Path, tmp_path: Path) -> None:
    told(gremium(office, "confirm", FIRST, "--by", "K. Muster", "--yes", "--json"))
    told(gremium(office, "register", "--json"))
    before = listed(office, FIRST)
    (tmp_path / "noch.pdf").write_bytes(scan(sheets(office, FIRST)[::-1]))
    assert gremium(office, "receive", str(tmp_path / "noch.pdf")).returncode == 0
    told(gremium(office, "register", "--json"))
    assert listed(office, FIRST) == before and before["bestätigt von"] == "K. Muster"
    text = " ".join(spoken((office / "outputs" / "register" / "register.pdf").read_bytes(), tmp_path).split())
    assert "bestätigt von K. Muster" in text and "zu bestätigen" not in text


def test_the_register_names_the_parties_and_breaks_no_heading(office: Path, tmp_path: Path) -> None:
    told(gremium(office, "confirm", FIRST, "--by", "K. Muster", "--yes", "--json"))
    told(gremium(office, "register", "--json"))
    assert listed(office, FIRST)["Unterschriften"] == "Stadt Dortmund, Kammer zu Dortmund und Brückner & Söhne GmbH (Papier)"
    text = spoken((office / "outputs" / "register" / "register.pdf").read_bytes(), tmp_path)
    assert {"Fassung", "freigegeben", "ausgegeben", "Unterschriften", "zurück", "abgeschlossen"} <= set(text.partition("memorandum/")[0].split())


def test_the_same_scan_under_two_names_is_one_return_and_one_original(office: Path, tmp_path: Path) -> None:
    stack = scan(sheets(office, THIRD))
    for name in ("kopf.pdf", "kopf2.pdf"):
        (tmp_path / name).write_bytes(stack)
    [found] = told(gremium(office, "receive", str(tmp_path / "kopf.pdf"), str(tmp_path / "kopf2.pdf"), "--json"))["returns"]
    assert (found["key"], found["file"]) == (THIRD, "kopf.pdf") and f"{THIRD}, Fassung 1: 4 Seiten auf Papier" in str(found["sentence"])
    assert gremium(office, "receive", str(tmp_path / "kopf2.pdf")).returncode == 0
    assert [path.name.partition("-")[2] for path in (office / "outputs" / "returned").glob(f"{str(found['sha256'])[:16]}*")] == ["kopf.pdf"]


def test_pages_that_come_later_complete_a_memorandum(office: Path, tmp_path: Path) -> None:
    one, two, three, four = sheets(office, THIRD)
    for name, pages in {"fehlt.pdf": [one, three], "rest.pdf": [two], "vier.pdf": [four]}.items():
        (tmp_path / name).write_bytes(scan(pages))
    assert "fehlen die Seiten 2 und 4 von 4" in gremium(office, "receive", str(tmp_path / "fehlt.pdf")).stdout
    assert "fehlt Seite 4 von 4" in gremium(office, "receive", str(tmp_path / "rest.pdf")).stdout
    done = told(gremium(office, "receive", str(tmp_path / "vier.pdf"), "--json"))["returns"]
    assert {(each["file"], each["state"], bool(each["known_since"])) for each in done} == {
        ("vier.pdf", "to-confirm", False), ("fehlt.pdf", "to-confirm", True), ("rest.pdf", "to-confirm", True)}
    [confirmed] = told(gremium(office, "confirm", THIRD, "--by", "K. Muster", "--yes", "--json"))["confirmed"]
    assert confirmed["state"] == "concluded"
    told(gremium(office, "register", "--json"))
    assert str(listed(office, THIRD)["SHA-256 des Rücklaufs"]).count(",") == 2


def test_half_a_scan_that_was_put_aside_completes_nothing(office: Path, tmp_path: Path) -> None:
    one, two, three, four = sheets(office, THIRD)
    for name, pages in {"fehlt.pdf": [one, three], "rest.pdf": [two, four]}.items():
        (tmp_path / name).write_bytes(scan(pages))
    gremium(office, "receive", str(tmp_path / "fehlt.pdf"))
    sha256 = hashlib.sha256((tmp_path / "fehlt.pdf").read_bytes()).hexdigest()
    assert gremium(office, "confirm", "--dismiss", sha256[:16], "--by", "K. Muster", "--yes").returncode == 0
    assert "fehlen die Seiten 1 und 3 von 4" in gremium(office, "receive", str(tmp_path / "rest.pdf")).stdout


def listed(office: Path, key: str) -> dict[str, object]:
    """What the workbook says of one memorandum, by heading."""
    first, *rows = openpyxl.load_workbook(office / "outputs" / "register" / "register.xlsx").active.iter_rows(values_only=True)
    return next(dict(zip(first, line, strict=True)) for line in rows if line[0] == key)


def test_no_cell_becomes_a_formula() -> None:
    book = openpyxl.load_workbook(io.BytesIO(register("Register", ("Partner",), [{"Partner": "=HYPERLINK(\"http://boese.example\")"}])))
    cell = book.active["A2"]
    assert (cell.data_type, cell.quotePrefix) == ("s", True)


# conclusion, by the ledger alone

BUILT = "2017-06-01T08:00:00Z"
DOCUMENT = DocumentRow(key=FIRST, kind="memorandum", subject="", docx="", pdf="m.pdf", revision=1, fingerprint="", inputs={}, docx_sha256="d" * 64,
                       pdf_sha256="p" * 64, seconds=0, built_by="muster", built_at=BUILT)
ISSUE = IssueRow(key=FIRST, revision=1, base_sha256="p" * 64, sha256="p" * 64, path="m.pdf", way="hand", issued_at=BUILT)


def signature(field: str) -> SignatureRow:
    return SignatureRow(key=FIRST, revision=1, field=field, signer=field, path="s.pdf", base_sha256="p" * 64, sha256=field * 4, signed_at=BUILT)


def course(tmp_path: Path, *fields: str, state: str = "accepted", countersigned: bool = False) -> Course:
    from pipeline.conclusion import note_countersigned
    settings = makers.settings(initiators=[
        {"key": "stadt", "name": "Stadt", "signatories": [{"function": "Oberbürgermeister"}]},
        {"key": "kammer", "name": "Kammer", "signatories": [{"function": "Präsident"}], "countersigns": True}, {"key": "offen", "name": "Offen"}])
    back = ReturnRow(sha256="r" * 64, name="scan.pdf", origin="scan", key=FIRST, revision=1, state=state, answers={}, sentence="", path="r.pdf",
                     received_at=BUILT, confirmed_by="K. Muster" if state == "accepted" else "", confirmed_at=BUILT if state == "accepted" else "")
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.built([DOCUMENT], NOW)
        ledger.issue([ISSUE], NOW)
        for field in fields:
            ledger.signed(signature(field), NOW)
        ledger.returned(back, NOW)
        if countersigned:
            note_countersigned(ledger, DOCUMENT, "K. Muster", NOW)
        [found] = courses(settings, ledger, {"P-001": "=Brückner"})
    return found


def test_a_memorandum_waits_for_its_countersignature_on_paper_too(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir(), (tmp_path / "b").mkdir(), (tmp_path / "c").mkdir()
    waiting = course(tmp_path / "a", "stadt")
    assert (waiting.state, [initiator.key for initiator in waiting.waiting], waiting.concluded_at) == ("returned", ["kammer"], "")
    assert course(tmp_path / "b", "stadt", countersigned=True).state == "concluded"
    assert course(tmp_path / "c", "stadt", "kammer", state="to-confirm").state == "returned"


def test_both_templates_keep_the_rules_of_the_house(office: Path) -> None:
    workspace = Workspace.open(office)
    contexts: dict[str, object] = {}
    real = Template.render

    def listening(self: Template, context: object, **rest: object) -> bytes:
        contexts[self.name] = context
        return real(self, context, **rest)  # type: ignore[arg-type]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "render", listening)
        with Ledger(workspace.outputs / "ledger.sqlite") as ledger:
            found = courses(workspace.settings, ledger, {})
        register_pdf(workspace, found)
        certificate(workspace, _concluded(found[0]), NOW)
    for name in (CERTIFICATE, REGISTER):
        found_there = lint(Template.open(ROOT / "templates" / name), contexts[name])  # type: ignore[arg-type]
        assert [each.message for each in found_there if each.severity is not Severity.NOTE] == []


def _concluded(found: Course) -> Course:
    stamp = "2031-06-09T08:00:00Z"
    return replace(found, returns=tuple(replace(back, state="accepted", confirmed_by="K. Muster", confirmed_at=stamp) for back in found.returns))


def test_every_heading_has_its_value(tmp_path: Path) -> None:
    assert tuple(row(course(tmp_path, "stadt"))) == HEADINGS
