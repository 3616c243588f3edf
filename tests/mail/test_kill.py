"""Killed at any moment: nobody gets two messages, nobody is forgotten."""

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from pipeline.ledger import Ledger
from tests import makers
from tests.mail.conftest import House, Mailbox, recipient, served

PEOPLE = 40
ROUNDS = 8
CHILD = """
import sys
from pathlib import Path
from pipeline.ledger import Ledger
from pipeline.mail.smtp import Server, Smtp
from pipeline.workspace import Workspace
from tests import makers
from tests.mail.conftest import House, recipient
from tests.mail.test_kill import invite

root, port = Path(sys.argv[1]), int(sys.argv[2])
workspace = Workspace(root, makers.settings())
with Ledger(workspace.outputs / "ledger.sqlite") as ledger:
    house = House(workspace, ledger)
    invite(house)
    print("los", flush=True)
    house.send(Smtp(Server(host="127.0.0.1", port=port, tls="none")))
"""


def invite(house: House) -> None:
    house.drafts.clear()
    house.released.clear()
    house.add(*(recipient(makers.person(f"P-{number:03}", email=f"p{number:03}@haus.example", last_name=f"Muster{number}"))
                for number in range(PEOPLE)))


@pytest.mark.slow
def test_killed_at_random_moments_no_message_goes_twice_and_none_is_lost(house: House, mailbox: Mailbox):
    house.ledger.close()
    chance = random.Random(20170302)
    with served(mailbox) as server:
        for turn in range(ROUNDS + 1):
            child = subprocess.Popen([sys.executable, "-c", CHILD, str(house.workspace.root), str(server.port)], stdout=subprocess.PIPE,
                                     cwd=Path(__file__).parents[2])
            with child:
                assert child.stdout is not None
                assert child.stdout.readline() == b"los\n"
                if turn < ROUNDS:
                    enough = len(mailbox.got) + chance.randrange(PEOPLE // ROUNDS)
                    while child.poll() is None and len(mailbox.got) <= enough:
                        time.sleep(0.001)
                    time.sleep(chance.uniform(0, 0.01))      # somewhere between two messages, or within one
                    child.send_signal(signal.SIGKILL)
    arrived = Counter(mailbox.recipients)
    with Ledger(house.ledger.path, read_only=True) as ledger:
        states = {row.key[-5:]: row.state for row in ledger.messages()}
    assert len(states) == PEOPLE
    assert set(states.values()) <= {"sent", "unknown"}
    assert set(arrived.values()) == {1}
    for key, state in states.items():
        assert state == "unknown" or arrived[f"p{key[2:]}@haus.example"] == 1
