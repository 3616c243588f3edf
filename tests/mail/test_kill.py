"""Killed at any moment: nobody gets two messages, nobody is forgotten."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from pipeline.ledger import Ledger
from pipeline.mail.smtp import Server, Smtp
from pipeline.workspace import Workspace
from tests import makers
from tests.mail.conftest import House, recipient
from tests.mail.servers import office

PEOPLE = 300
KILLS = 100
FREEZING = 8      # of the kills come while messages are frozen
CHILD = "import sys; from tests.mail.test_kill import hunted; hunted(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))"


def invite(house: House) -> None:
    house.drafts.clear()
    house.released.clear()
    house.add(*(recipient(makers.person(f"P-{number:03}", email=f"p{number:03}@haus.example", last_name=f"Muster{number}"))
                for number in range(PEOPLE)))


def hunted(root: str, port: int, connections: int) -> None:
    """Sends, and is killed and started again a hundred times; in a process of its own, which forks without threads."""
    chance = random.Random(20170302)
    workspace = Workspace(Path(root), makers.settings())
    house = House(workspace, None)  # type: ignore[arg-type]
    invite(house)
    for turn in range(KILLS + 1):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            _work(house, Server(host="127.0.0.1", port=port, tls="none"), connections, writing)
        os.close(writing)
        if turn < FREEZING:
            time.sleep(chance.uniform(0, 0.8))
        elif turn < KILLS:
            os.read(reading, 1)        # all is frozen, the first message is about to be handed over
            time.sleep(chance.uniform(0, 0.03))
        if turn < KILLS:
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(reading)


class Heard(Smtp):
    """Tells when it is opened."""

    def __init__(self, server: Server, pipe: int) -> None:
        super().__init__(server)
        self._pipe = pipe

    def open(self) -> None:
        os.write(self._pipe, b".")
        super().open()


def _work(house: House, server: Server, connections: int, pipe: int) -> None:
    try:
        with Ledger(house.workspace.outputs / "ledger.sqlite") as house.ledger:
            house.send(*(Heard(server, pipe) for _ in range(connections)))
    finally:
        os._exit(0)


@pytest.mark.slow
@pytest.mark.parametrize("connections", [1, 3])
def test_killed_a_hundred_times_no_message_arrives_twice_and_none_is_forgotten(house: House, connections: int):
    house.ledger.close()
    root = Path(__file__).parents[2]
    with office() as post:
        command = [sys.executable, "-c", CHILD, str(house.workspace.root), str(post.relay.port), str(connections)]
        done = subprocess.run(command, cwd=root, env=os.environ | {"PYTHONPATH": str(root)}, capture_output=True, text=True, check=False, timeout=200)
        assert done.returncode == 0, done.stderr
        with Ledger(house.ledger.path, read_only=True) as ledger:
            states = {row.key[-5:]: row.state for row in ledger.messages()}
        sure = [key for key, state in states.items() if state == "sent"]
        arrived = Counter(str(message["X-Gremium-Key"])[-5:] for message in post.arrived(len(sure)))
    assert len(states) == PEOPLE
    assert set(states.values()) <= {"sent", "unknown"}
    assert set(arrived.values()) == {1}
    assert not set(sure) - set(arrived)
    assert "unknown" in states.values()       # some were hit on the way, or nothing was tried
