"""A real Dask scheduler and two workers, each a process of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.build.cluster import Unreachable
from pipeline.build.run import Progress
from pipeline.workspace import Workspace
from tests.build.office import build, drafts, files, look, office

pytest.importorskip("distributed")
ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def begin(*words: str, **environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "distributed.cli." + words[0], *words[1:]], cwd=ROOT, stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL, env=os.environ | environment)


@pytest.fixture
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """The scheduler's address, and the workers to kill."""
    port, scratch = free_port(), str(tmp_path_factory.mktemp("dask"))
    address = f"tcp://127.0.0.1:{port}"
    with ExitStack() as stack:
        def started(*words: str) -> subprocess.Popen[bytes]:
            process = begin(*words)
            stack.callback(process.wait)
            stack.callback(process.kill)
            return process
        started("dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard", "--no-show")
        workers = [started("dask_worker", address, "--nthreads", "1", "--nworkers", "1", "--no-nanny", "--no-dashboard", "--local-directory", scratch)
                   for _ in range(2)]
        yield address, workers


def ready(address: str, workers: int) -> None:
    from distributed import Client
    with Client(address, timeout=30, set_as_default=False) as client:
        client.wait_for_workers(workers, timeout=60)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_makes_the_same_bytes_and_a_killed_worker_loses_nothing(tmp_path, tmp_path_factory, cluster):
    address, workers = cluster
    workspace, other = office(tmp_path), office(tmp_path_factory.mktemp("other"))
    (other.templates / "memorandum.docx").write_bytes((workspace.templates / "memorandum.docx").read_bytes())
    ready(address, 2)
    papers, seen = drafts(80), []

    def watch(done: int, total: int, trouble: str = "") -> None:
        seen.append(done)
        if done == 20:
            workers[0].kill()

    result = build(workspace, papers, cluster=address, progress=watch)
    assert (len(result.built), result.failed, result.left, result.halt) == (80, (), (), None)
    assert max(seen) == 80
    assert workers[1].poll() is None
    build(other, papers)
    assert files(workspace) == files(other)
    assert not look(workspace, papers).due


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_that_goes_away_keeps_what_was_finished(tmp_path, cluster):
    address, _ = cluster
    workspace = office(tmp_path)
    ready(address, 2)

    def watch(done: int, total: int, trouble: str = "") -> None:
        if done == 10:
            subprocess.run(["kill", "-9", str(scheduler_of(address))], check=True)

    result = build(workspace, drafts(400), cluster=address, progress=watch)
    assert "abgerissen" in result.halt.error
    assert len(result.built) >= 10
    assert len(result.built) + len(result.left) == 400
    assert len(look(workspace, drafts(400)).due) == len(result.left)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_without_any_worker_is_told_of_and_given_up(tmp_path, cluster, monkeypatch):
    monkeypatch.setattr("pipeline.build.cluster.ALARM", 2)
    monkeypatch.setattr("pipeline.build.cluster.DESERTED", 4)
    address, workers = cluster
    workspace, said = office(tmp_path), []
    ready(address, 2)
    result = build(workspace, drafts(400), cluster=address, progress=watching(workers, said))
    assert said == [f"auf dem Cluster {address} arbeitet niemand mehr; gewartet wird noch 2 s"]
    assert (result.halt.error, result.exit_code) == (f"auf dem Cluster {address} arbeitet niemand mehr", 1)
    assert (len(result.built) >= 10, len(result.built) + len(result.left)) == (True, 400)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_one_interruption_ends_the_wait_for_a_worker(tmp_path, cluster, monkeypatch):
    monkeypatch.setattr("pipeline.build.cluster.ALARM", 2)
    address, workers = cluster
    workspace, said = office(tmp_path), []
    ready(address, 2)
    began = time.monotonic()
    result = build(workspace, drafts(400), cluster=address, progress=watching(workers, said, then=lambda: os.kill(os.getpid(), signal.SIGINT)))
    assert (result.interrupted, result.halt, len(result.built) + len(result.left)) == (True, None, 400)
    assert time.monotonic() - began < 30


def watching(workers: list[subprocess.Popen[bytes]], said: list[str], then: Callable[[], None] = lambda: None) -> Progress:
    """Kills all workers after ten papers, and keeps what is said then."""
    def watch(done: int, total: int, trouble: str = "") -> None:
        if done == 10:
            for worker in workers:
                worker.kill()
        if trouble:
            said.append(trouble)
            then()
    return watch


class Unreadable(dict):
    """A context that cannot be opened again where it was sent."""

    def __reduce__(self):
        return int, ("no number",)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_paper_that_does_not_reach_its_worker_is_named_and_the_others_are_made(tmp_path, cluster):
    address, _ = cluster
    workspace, papers = office(tmp_path), drafts(12)
    ready(address, 2)
    papers[4] = replace(papers[4], context=Unreadable(papers[4].context))
    result = build(workspace, papers, cluster=address, keep_going=True)
    assert [(failure.key, failure.exit_code) for failure in result.failed] == [("memorandum/P-005", 1)]
    assert "unerwarteter Fehler" in result.failed[0].error
    assert len(result.built) == 11


def scheduler_of(address: str) -> int:
    """The process that listens there."""
    port = address.rpartition(":")[2]
    for status in Path("/proc").glob("[0-9]*/cmdline"):
        words = status.read_bytes().split(b"\0")
        if b"distributed.cli.dask_scheduler" in words and port.encode() in words:
            return int(status.parent.name)
    raise AssertionError


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_nobody_at_the_address_is_said_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr("pipeline.build.cluster.PATIENCE", 1)
    workspace: Workspace = office(tmp_path)
    began = time.monotonic()
    with pytest.raises(Unreachable, match="ist nicht erreichbar"):
        build(workspace, drafts(), cluster=f"tcp://127.0.0.1:{free_port()}")
    assert time.monotonic() - began < 20
    assert not (workspace.outputs / "memorandum").exists()
