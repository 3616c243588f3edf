"""Nothing is written so that it could only run here; what this machine cannot show of Windows, docs/windows.md says."""

from __future__ import annotations

import ast
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cli.endings import ending
from pipeline.papers.facts import stem
from tests.office import ROOT

SOURCES = sorted((ROOT / "pipeline").rglob("*.py"))

# Names that Windows lacks; each may stand only below a question for the system.
POSIX_MODULES = {"fcntl", "pwd", "grp", "resource", "termios", "tty", "pty", "posix", "syslog", "crypt", "readline"}
POSIX_NAMES = {
    "os": {"fork", "forkpty", "getuid", "geteuid", "getgid", "getpgid", "killpg", "chown", "fchown", "fchmod", "lchown", "umask", "uname", "sync",
           "mkfifo", "mknod", "statvfs", "nice", "sched_getaffinity", "sched_setaffinity", "wait", "waitpid", "O_DIRECTORY", "O_NOFOLLOW", "setsid",
           "pread", "pwrite", "posix_fallocate", "sendfile", "getloadavg"},
    "signal": {"pthread_sigmask", "SIGKILL", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGCHLD", "SIGPIPE", "alarm", "setitimer", "pause",
               "sigwait", "SIG_BLOCK", "SIG_UNBLOCK", "SIG_SETMASK"},
    "socket": {"AF_UNIX"},
    "time": {"tzset"},
}
GUARDS = re.compile(r"os\.name|sys\.platform|hasattr|get_all_start_methods")
RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?")


def guarded(path: list[ast.AST]) -> bool:
    """Some function or branch around the place asks for the system first."""
    for node in path:
        if isinstance(node, ast.If | ast.IfExp) and GUARDS.search(ast.unparse(node.test)):
            return True
        if isinstance(node, ast.FunctionDef) and any(isinstance(line, ast.If) and GUARDS.search(ast.unparse(line.test)) for line in node.body):
            return True
    return False


def walk(node: ast.AST, path: list[ast.AST] | None = None) -> Iterator[tuple[ast.AST, list[ast.AST]]]:
    path = path or []
    yield node, path
    for child in ast.iter_child_nodes(node):
        yield from walk(child, [*path, node])


def faults(source: Path) -> Iterator[str]:
    for node, path in walk(ast.parse(source.read_text("utf-8"))):
        if any(rule(node) for rule in RULES) and not guarded(path):
            yield f"{source.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}: {ast.unparse(node)}"


def imports_what_windows_lacks(node: ast.AST) -> bool:
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").partition(".")[0] in POSIX_MODULES
    return isinstance(node, ast.Import) and any(name.name.partition(".")[0] in POSIX_MODULES for name in node.names)


def names_what_windows_lacks(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in POSIX_NAMES.get(node.value.id, ())


def lacks_encoding(node: ast.AST) -> bool:
    """Opens text in whatever encoding the machine happens to have."""
    if not isinstance(node, ast.Call) or any(keyword.arg in (None, "encoding") for keyword in node.keywords):
        return False
    said = ast.unparse(node.func)
    if said.endswith(".read_text"):
        return not node.args
    if said.endswith(".write_text"):
        return len(node.args) < 2 and not said.startswith("formatter.")
    if said.endswith(".open"):
        return len(node.args) == 1 and re.fullmatch(r"'[rwaxt+]+'", ast.unparse(node.args[0])) is not None
    return said == "open" and (len(node.args) < 2 or "b" not in ast.unparse(node.args[1]))


def forks(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func).endswith("get_context") and "fork" in ast.unparse(node)


def opens_a_folder(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "os.open" and "devnull" not in ast.unparse(node)


def formats_as_glibc_does(node: ast.AST) -> bool:
    wanted = isinstance(node, ast.FormattedValue) or (isinstance(node, ast.Call) and ast.unparse(node.func).endswith("strftime"))
    return wanted and re.search(r"%[-#][dmHMS]|%e", ast.unparse(node)) is not None


RULES = (imports_what_windows_lacks, names_what_windows_lacks, lacks_encoding, forks, opens_a_folder, formats_as_glibc_does)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_module_names_its_encodings_and_asks_before_it_uses_what_windows_lacks(source):
    assert list(faults(source)) == []


def test_the_search_finds_what_it_is_for(tmp_path):
    source = ROOT / "pipeline" / "build" / "executors.py"
    text = source.read_text("utf-8").replace('if os.name == "nt":', "if True:")
    found = [node for node, path in walk(ast.parse(text)) if isinstance(node, ast.Attribute) and node.attr == "pthread_sigmask" and not guarded(path)]
    assert len(found) == 2
    for line, wrong in {"open('x')": True, "open('x', 'rb')": False, "path.open('w')": True, "path.read_text()": True,
                        "path.read_text('utf-8')": False, "path.open('a', encoding='ascii')": False}.items():
        [call] = [node for node in ast.walk(ast.parse(line)) if isinstance(node, ast.Call)]
        assert lacks_encoding(call) is wrong, line


@given(st.text(max_size=30), st.text(max_size=60))
def test_no_paper_gets_a_file_name_that_windows_refuses(number, name):
    """Keys begin with the kind, so that even a partner numbered NUL, called CON, has a name of its own."""
    made = stem(f"memorandum/{number}", name)
    assert not set('<>:"/\\|?*') & set(made)
    assert all(ord(letter) > 31 for letter in made)
    assert not RESERVED.fullmatch(made)
    assert not made.endswith((" ", "."))


def test_a_file_open_in_word_is_named_as_that(tmp_path):
    error = PermissionError(13, "Zugriff verweigert", str(tmp_path / "memorandum.docx"))
    error.winerror = 32        # type: ignore[attr-defined]  # as Windows sets it
    told = ending(error)
    assert "in einem anderen Programm geöffnet" in told.sentence
    assert "schließen" in told.hint


def test_where_folders_cannot_be_synced_the_shelf_does_without(monkeypatch, tmp_path):
    from pipeline.build import shelf
    monkeypatch.setattr(shelf.os, "name", "nt")
    monkeypatch.setattr(shelf.os, "open", lambda *_: pytest.fail("Windows opens no folder"))
    shelf._sync(os.fspath(tmp_path))


def test_where_there_is_no_signal_mask_a_process_is_started_without(monkeypatch):
    from pipeline.build import executors
    monkeypatch.setattr(executors.os, "name", "nt")
    monkeypatch.delattr(signal, "pthread_sigmask")
    with executors._uninterrupted():
        pass
    assert executors.Pool(100, (), None, papers=1000)._processes == 61      # type: ignore[arg-type]  # none is opened


def test_where_nothing_forks_processes_begin_anew(monkeypatch):
    from pipeline import processes
    monkeypatch.setattr(processes.multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    assert processes.beginning("pipeline").get_start_method() == "spawn"
    monkeypatch.delattr(processes.os, "sched_getaffinity")
    assert processes.processors() >= 1
