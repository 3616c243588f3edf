"""German and English: every sentence has both, and the English one is found whatever values stand in it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cli import catalogue, tongue
from pipeline.cli.main import GROUPS
from tests.office import ROOT
from tools.messages import ENGLISH, gathered

FIELD = re.compile(r"\{(\w+)\}")
GERMAN = re.compile(r"\b(der|die|das|und|nicht|ist|wird|werden|eine|einen|mit|für|fehlt|gibt|zeigt|schreibt|nur|oder)\b")
NAMES = re.compile(r"„[^“]*“|\"[^\"]*\"|Ich bin Allianz-Partner|beschlossen|geändert|vertagt|abgelehnt|gelöscht|vielleicht|vergibt|«fehlt: …»")


def run(*words: str, lang: str = "en", **environment: str) -> subprocess.CompletedProcess[str]:
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "GREMIUM"))}
    surroundings |= {"GREMIUM_LANG": lang} if lang else {}
    return subprocess.run([sys.executable, "-m", "pipeline", *words], cwd=ROOT, env=surroundings | environment, capture_output=True, text=True,
                          encoding="utf-8", check=False, timeout=240)


@pytest.fixture(scope="module")
def english() -> catalogue.Catalogue:
    return catalogue.load("en")


@pytest.fixture(scope="module")
def messages() -> dict[str, str]:
    with ENGLISH.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id}


# the catalogue -----------------------------------------------------------------------------------------


def test_every_sentence_has_its_english(messages):
    """What is missing: `python -m tools.messages` lists it; docs/languages.md says how it gets its English."""
    assert [msgid for msgid in gathered() if not messages.get(msgid)] == []


def test_the_compiled_catalogue_is_that_of_the_readable_one(messages):
    with ENGLISH.with_suffix(".mo").open("rb") as file:
        compiled = {str(message.id): str(message.string) for message in read_mo(file) if message.id}
    assert compiled == {german: other for german, other in messages.items() if other}


def test_both_say_the_same_values(messages):
    assert [german for german, other in messages.items() if other and set(FIELD.findall(german)) != set(FIELD.findall(other))] == []


def test_every_sentence_is_found_again_with_values_in_it(english, messages):
    """With values that are nobody's words; those too short to be told apart are excepted."""
    lost = []
    for german, other in messages.items():
        if german.startswith(tongue.METAVAR) or sum(map(str.isalpha, FIELD.sub("", german))) < 12 or german == other:
            continue
        names = list(dict.fromkeys(FIELD.findall(german)))
        values = {name: f"Q{number}x" for number, name in enumerate(names)} | ({"number": "17"} if german.startswith("{number}") else {})
        said = english.say(FIELD.sub(lambda found, values=values: values[found[1]], german).replace("{{", "{").replace("}}", "}"))
        wanted = FIELD.sub(lambda found, values=values: values[found[1]], other).replace("{{", "{").replace("}}", "}")
        if said != wanted and GERMAN.search(NAMES.sub("", said)):
            lost.append((german, said))
    assert lost == []


# looking up ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("german", "said"), [
    ("nix ist kein Arbeitsordner: inputs/alliance.toml fehlt", "nix is not a workspace: inputs/alliance.toml is missing"),
    ("  → „gremium check“ nennt alle Befunde.", None),
    ("„1067x“ ist keine deutsche Postleitzahl", '"1067x" is not a German postcode'),
    ("partners.csv Zelle F3 (PLZ): „1067x“ ist keine deutsche Postleitzahl", 'partners.csv cell F3 (PLZ): "1067x" is not a German postcode'),
    ("Die Anschrift von P-002 ist unvollständig: PLZ fehlt", "The address of P-002 is incomplete: PLZ is missing"),
    ("veraltet: a, b und 2 weitere", "stale: a, b and 2 more"),
    ("Gelesen: 1 Partner, 2 Personen, 1 Projekt, 3 Themen, 1 Gremium, 1.200 Sitze, 0 Treffen.",
     "Read: 1 partner, 2 persons, 1 project, 3 topics, 1 body, 1.200 seats, 0 meetings."),
    ("Memorandum     3   1 zurückgehalten, 2 veraltet", "Memorandum     3   1 held back, 2 stale"),
    ("Anlage: Vorschläge für Pilotprojekte", "Anlage: Vorschläge für Pilotprojekte"),
    ("inputs/alliance.toml: „signing.colour“ ist nicht bekannt", 'inputs/alliance.toml: "signing.colour" is not known'),
])
def test_a_sentence_is_found_with_its_values_around_and_within(english, german, said):
    assert english.say(german) == (said or english.say(german.strip(" →")).join(("  → ", "")))


def test_a_name_in_quotes_is_never_translated(english):
    assert english.say("es gibt kein Papier „Vorschläge“") == 'there is no paper "Vorschläge"'


@given(st.text(max_size=80))
def test_what_is_not_known_stays_whatever_it_is(text):
    said = _CATALOGUE.say(text)
    assert isinstance(said, str)


def test_a_foreign_sentence_stays_as_it_is(english):
    for sentence in ("Werft am Fluss GmbH", "Muster & Partner", "mia.muster@werft.example", "§ 64 GO NRW", "", "x", "{", "}{", "{name}", "100 %"):
        assert english.say(sentence) == sentence


_CATALOGUE = catalogue.load("en")


# choosing ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("arguments", "environment", "asked"), [
    ((), {}, "de"),
    ((), {"LANG": "C.UTF-8"}, "de"),
    ((), {"LANG": "POSIX"}, "de"),
    ((), {"LANG": "de_AT.UTF-8"}, "de"),
    ((), {"LANG": "en_GB.UTF-8"}, "en"),
    ((), {"LANG": "fr_FR.UTF-8"}, "en"),
    ((), {"LANG": "en_GB.UTF-8", "LC_ALL": "de_DE.UTF-8"}, "de"),
    ((), {"LANG": "en_GB.UTF-8", "GREMIUM_LANG": "de"}, "de"),
    (("--lang", "en", "check"), {"GREMIUM_LANG": "de"}, "en"),
    (("--lang=de", "check"), {"LANG": "en_US"}, "de"),
])
def test_the_line_counts_before_the_environment_and_that_before_the_machine(arguments, environment, asked):
    assert tongue.language(arguments, environment) == asked


def test_another_language_is_refused_with_the_two_there_are():
    done = run("--lang", "fr", "check", lang="")
    assert done.returncode == 2
    assert "de, en" in done.stderr


# at the front door --------------------------------------------------------------------------------------


PAGES = ["", *(name for commands in GROUPS.values() for name in commands), "council state", "council result", "ledger backup"]


@pytest.mark.parametrize("name", PAGES)
def test_the_help_of_every_command_is_english(name):
    said = run(*name.split(), "--help").stdout
    assert "Usage:" in said
    found = GERMAN.search(NAMES.sub("", re.sub(r"\s+", " ", said)))
    assert found is None, said[max(0, found.start() - 60):found.end() + 60] if found else ""


@pytest.mark.parametrize(("words", "sentence"), [
    (("sgn",), 'there is no command "sgn"'),
    (("build", "--forse"), 'Did you mean "--force"'),
    (("verify",), "gremium verify: FILE is missing"),
    (("verify", "nowhere.pdf"), "nowhere.pdf does not exist"),
    (("issue", "--by", "taube"), '"taube" is not possible, only: hand, post, mail'),
    (("-C", "/nowhere", "check"), "is not a workspace: inputs/alliance.toml is missing"),
])
def test_errors_are_english(words, sentence):
    done = run(*words)
    assert sentence in done.stderr
    assert not GERMAN.search(done.stderr)


def test_findings_are_english_on_the_terminal_and_as_json(workspace):
    path = workspace / "inputs" / "partners.csv"
    path.write_text(path.read_text("utf-8").replace("01067", "1067x"), "utf-8")
    shown = run("-C", str(workspace), "check")
    assert '"1067x" is not a German postcode' in shown.stdout
    assert "Enter five digits" in shown.stdout
    assert "Findings in the tables: 1 Error" in shown.stderr
    told = json.loads(run("-C", str(workspace), "check", "--json").stdout)["findings"]
    [finding] = [finding for finding in told if finding["severity"] == "error"]
    assert finding["message"] == '"1067x" is not a German postcode'
    assert finding["column"] == "PLZ"
    assert finding["rule"] == "postcode"


def test_papers_stay_german(workspace):
    assert run("-C", str(workspace), "build", "invitation", "--only", "invitation/M-003/P-004").returncode == 0
    [docx] = (workspace / "outputs" / "invitation").glob("*.docx")
    [pdf] = (workspace / "outputs" / "invitation").glob("*.pdf")
    text = subprocess.run(["pdftotext", str(pdf), "-"], capture_output=True, text=True, check=True).stdout
    assert "laden wir Sie herzlich ein" in " ".join(text.split())
    assert docx.exists()


def test_german_pays_nothing():
    code = ("import sys, os; from pipeline.cli import tongue; out = sys.stdout; tongue.install([], {});"
            "line = 'Papiere'; assert tongue.tr(line) is line and sys.stdout is out and tongue._catalogue is None;"
            "print([name for name in sys.modules if name in ('pipeline.cli.catalogue', 'babel')])")
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
