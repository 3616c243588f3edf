from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from pipeline.ledger import Ledger
from pipeline.signing.arrival import Received, Return
from pipeline.signing.returns import receive
from pipeline.signing.verdict import Indication
from tests.signing import forgeries
from tests.signing.partners import NOW, There, house

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


def received(there: There, data: bytes, name: str = "zurück.pdf", now: dt.datetime = NOW) -> Return:
    [found] = receive([Received(name, data)], there.workspace, there.ledger, now=now)
    return found


@pytest.mark.parametrize("case", CASES)
def test_each_bad_return_has_its_verdict(there: There, case: str) -> None:
    make, expected, letters = CASES[case]
    found = received(there, make(there.issued["P-001", 1]))
    answered = "".join(next(letter for letter, indication in LETTERS.items() if indication is answer.indication) for answer in found.answers.values())
    assert (str(found.state), answered) == (expected, "".join(want if want != "?" else got for want, got in zip(letters, answered, strict=True))), \
        [str(answer) for answer in found.answers.values()]
    assert found.sentence
    assert not found.sentence.endswith(".")
