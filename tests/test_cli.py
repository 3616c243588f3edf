"""The front door: help, errors of usage, colours, completion – alike for every command."""

from __future__ import annotations

import json
import os
import re
import shlex
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from pipeline.cli.asked import KIND_NAMES
from pipeline.cli.consent import NotConfirmed, consent
from pipeline.cli.endings import SYSTEM, ending
from pipeline.cli.guidance import examples, explained
from pipeline.cli.main import GROUPS, Commands, main
from pipeline.papers.kinds import KINDS
from tests.office import ROOT, gremium

NAMES = [name for commands in GROUPS.values() for name in commands]

pytestmark = pytest.mark.slow      # each test starts the command as a process of its own


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    surroundings = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")} | environment
    return subprocess.run([sys.executable, "-m", "pipeline", *words], cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False,
                          encoding="utf-8", timeout=120)


def load(name: str) -> click.Command:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    return command


def all_commands() -> Iterator[tuple[str, click.Command]]:
    for name in NAMES:
        command = load(name)
        yield name, command
        if isinstance(command, click.Group):
            for inner, each in command.commands.items():
                yield f"{name} {inner}", each


ALL = dict(all_commands())


# help ---------------------------------------------------------------------------------------------


def test_the_overview_names_every_command_in_the_order_of_the_work():
    said = run("--help").stdout
    places = [re.search(rf"^  {name} ", said, re.MULTILINE).start() for name in NAMES]
    assert places == sorted(places)
    assert all(len(line) <= 92 for line in said.splitlines())


def test_every_module_of_a_command_is_in_the_overview():
    texts = {path.stem.replace("_", "-"): path.read_text("utf-8") for path in (ROOT / "pipeline" / "cli").glob("*.py")}
    assert {name for name, text in texts.items() if re.search(r'^@click\.(command|group)\("', text, re.MULTILINE)} == set(NAMES)


@pytest.mark.parametrize("name", ALL)
def test_every_command_says_in_a_sentence_what_it_does_and_gives_an_example(name):
    command = ALL[name]
    first = explained(command).split("\n\n")[0]
    assert first.rstrip().endswith((".", "!")), first
    assert re.match(r"[A-ZÄÖÜ]", first)
    if not isinstance(command, click.Group) or command.invoke_without_command:
        assert examples(command), f"gremium {name} --help has no example"


@pytest.mark.parametrize("name", ALL)
def test_every_example_is_a_line_that_can_be_typed(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for line in examples(ALL[name]):
        words = shlex.split(line)[1:]
        for word in words:
            if re.search(r"\.\w{3,4}$", word) and not Path(word).is_absolute():
                Path(word).parent.mkdir(parents=True, exist_ok=True)
                Path(word).touch()
        context = main.make_context("gremium", list(words))
        rest = [*context._protected_args, *context.args]
        command: click.Command = main
        while isinstance(command, click.Group) and rest:
            _, found, rest = command.resolve_command(context, rest)
            assert found is not None
            command, context = found, found.make_context(found.name, rest, parent=context)
            rest = [*context._protected_args, *context.args] if isinstance(command, click.Group) else []


@pytest.mark.parametrize("name", ALL)
def test_every_option_and_every_command_is_explained_in_german(name):
    for parameter in ALL[name].params:
        if isinstance(parameter, click.Option):
            assert (parameter.help or "").endswith((".", ")")), (name, parameter.name, parameter.help)
    assert "Show this message" not in run(*name.split(), "--help").stdout if " " not in name else True


def test_a_commands_own_page_is_german_and_shows_its_examples_one_by_one():
    said = run("build", "--help").stdout
    assert "Aufruf:" in said
    assert "Usage" not in said
    assert "\n   gremium build -n" in said
    assert "Beispiele: gremium" not in said


def test_the_overview_costs_less_than_two_and_a_half_times_the_import_of_click():
    def seconds(*words: str) -> float:
        before = os.times()
        subprocess.run([sys.executable, *words], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
        after = os.times()
        return after.children_user + after.children_system - before.children_user - before.children_system
    pairs = [(seconds("-m", "pipeline", "--help"), seconds("-c", "import click")) for _ in range(9)]
    ours, theirs = (statistics.median(pair[side] for pair in pairs) for side in (0, 1))
    assert ours < 2.5 * theirs


# errors of usage ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("words", "sentence", "hint"), [
    (("sgn",), "den Befehl „sgn“ gibt es nicht", "Meinten Sie „sign“?"),
    (("build", "--forse"), "die Angabe „--forse“ gibt es nicht", "Meinten Sie „--force“"),
    (("check", "-q"), "die Angabe „-q“ steht vor dem Befehl", "gremium -q … check"),
    (("verify",), "gremium verify: es fehlt DATEI", "„gremium verify --help“"),
    (("verify", "nowhere.pdf"), "gremium verify, DATEI: nowhere.pdf gibt es nicht", "--help"),
    (("verify", "docs"), "docs ist ein Ordner, gebraucht wird eine Datei", "--help"),
    (("build", "--jobs", "viele"), "gremium build, --jobs: „viele“ ist keine Zahl", "--help"),
    (("build", "--jobs", "0"), "0 liegt nicht im Bereich x>=1", "--help"),
    (("issue", "--by", "taube"), "„taube“ ist nicht möglich, nur: hand, post, mail", "--help"),
    (("council", "result"), "es fehlt ERGEBNIS", "Möglich sind: beschlossen"),
    (("why", "a", "b"), "zu viel angegeben: b", "--help"),
    (("build", "--only"), "hinter --only fehlt der Wert", "--help"),
    (("build", "--force=ja"), "--force steht ohne Wert", "--help"),
    (("--date", "gestern", "check"), "ein Datum wie 2017-05-04 wird gebraucht", "--help"),
    (("-C",), "hinter -C fehlt der Wert", "--help"),
    (("ledger",), "gremium ledger: es fehlt der Befehl", "Möglich sind: "),
])
def test_an_error_of_usage_says_what_and_where_and_what_to_do(words, sentence, hint):
    done = run(*words)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert hint in done.stderr.partition("  → ")[2]
    for english in ("Error", "Usage", "Try '", "Missing", "No such", "Invalid"):
        assert english not in done.stderr + done.stdout


def test_no_sentence_of_click_is_left_in_english():
    """Whatever click may say of a value here: its own messages, called for one by one."""
    said = [
        click.BadParameter("'x' is not a valid float."), click.BadParameter("'x' is not a valid integer."),
        click.BadParameter("File 'x' is not readable."), click.BadParameter("Path 'x' is not writable."),
        click.BadParameter("Directory 'x' is a file."), click.UsageError("Missing command."),
        click.UsageError("Got unexpected extra arguments (x y)"),
    ]
    for error in said:
        assert not re.search(r"\b(is|not|Missing|Got|File|Path)\b", ending(error).sentence), ending(error).sentence


def test_errors_are_one_json_document_when_asked(tmp_path):
    done = gremium(tmp_path, "check", "--json")
    assert done.returncode == 2
    told = json.loads(done.stdout)
    assert set(told) == {"error", "hint", "exit_code"}
    assert told["exit_code"] == 2
    assert "kein Arbeitsordner" in told["error"]
    assert json.loads(run("issue", "--by", "taube", "--json").stdout)["exit_code"] == 2


def test_a_wrong_setting_is_one_json_document_when_asked(workspace):
    path = workspace / "inputs" / "alliance.toml"
    path.write_text(path.read_text("utf-8").replace("[signing]", "[signing]\ncolour = 1"), "utf-8")
    told = json.loads(gremium(workspace, "build", "--json").stdout)
    assert "signing.colour" in told["error"]


def test_what_the_system_says_is_german():
    for number, words in SYSTEM.items():
        assert words in ending(OSError(number, os.strerror(number), "x")).sentence


# terminals ------------------------------------------------------------------------------------------


def test_colours_are_for_terminals_or_for_those_who_insist():
    assert "\x1b" not in run("--help").stdout
    assert "\x1b" in run("--help", FORCE_COLOR="1").stdout
    assert "\x1b" not in run("--help", FORCE_COLOR="1", NO_COLOR="1").stdout
    assert "\x1b" not in run("sgn").stderr
    assert "\x1b" in run("sgn", FORCE_COLOR="1").stderr


def test_a_console_that_knows_no_arrows_gets_a_question_mark_and_no_traceback():
    done = subprocess.run([sys.executable, "-m", "pipeline", "sgn"], cwd=ROOT, env=os.environ | {"PYTHONIOENCODING": "cp850"},
                          capture_output=True, check=False)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


# completion ------------------------------------------------------------------------------------------


def complete(line: str) -> list[str]:
    words = line.split(" ")
    done = run(COMP_WORDS=line, COMP_CWORD=str(len(words) - 1), _GREMIUM_COMPLETE="bash_complete")
    assert done.stderr == ""
    return [offered.partition(",")[2] for offered in done.stdout.splitlines() if offered]


def test_the_kinds_that_tab_offers_are_the_kinds_there_are():
    assert tuple(KINDS) == KIND_NAMES


def test_tab_completes_commands_options_kinds_and_built_keys(finished):
    assert complete("gremium se") == ["send"]
    assert complete("gremium build mem") == ["memorandum"]
    assert "--keep-going" in complete("gremium build --k")
    assert complete("gremium council ") == ["result", "state"]
    assert complete(f"gremium -C {finished} why memorandum/P-00") == ["memorandum/P-001", "memorandum/P-002", "memorandum/P-003"]
    assert complete(f"gremium -C {finished} build --only memorandum/P-002") == ["memorandum/P-002"]


def test_tab_is_silent_where_there_is_no_ledger_or_a_broken_one(tmp_path):
    assert complete(f"gremium -C {tmp_path} why ") == []
    (tmp_path / "outputs").mkdir()
    (tmp_path / "outputs" / "ledger.sqlite").write_bytes(b"no database at all, but long enough to be taken for one" * 20)
    assert complete(f"gremium -C {tmp_path} why ") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_for_a_shell_begins_with_where_it_belongs(shell):
    done = run("completion", shell)
    assert done.returncode == 0
    assert done.stdout.startswith("# Ergänzung")
    assert f"gremium completion {shell}" in done.stdout
    assert "_GREMIUM_COMPLETE" in done.stdout


def test_bash_takes_the_script():
    script = run("completion", "bash").stdout
    assert subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode == 0


def test_the_overview_loads_no_module_of_a_command():
    assert isinstance(main, Commands)
    code = ("import sys; from pipeline.cli.main import main; main.main(['--help'], standalone_mode=False);"
            "print([module for module in sys.modules if 'rich' in module])")
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


# reporting and asking --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name, command in ALL.items() if name not in ("completion", "ledger")])
def test_every_command_that_reports_does_so_as_json(name):
    assert "--json" in {option for parameter in ALL[name].params for option in parameter.opts}


def test_what_goes_out_by_mail_is_confirmed_by_its_number():
    consent(0, "", None)
    consent(12, "", "12")
    consent(12, "", "all")
    with pytest.raises(NotConfirmed, match="12 hinausgehen"):
        consent(12, "", None)
    with pytest.raises(NotConfirmed, match="bestätigt wurden 11, es sind 12"):
        consent(12, "", "11")


def test_on_a_terminal_the_number_is_asked_for(monkeypatch):
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(click, "prompt", lambda *_, **__: "12")
    consent(12, "12 Papiere gehen hinaus.", None)
    with pytest.raises(NotConfirmed):
        consent(13, "13 Papiere gehen hinaus.", None)
