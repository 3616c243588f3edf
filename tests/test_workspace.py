from pathlib import Path

import pytest

from pipeline.workspace import BadSettings, Workspace

SETTINGS = """
[alliance]
name = "Allianz Musterstadt"
city = "Musterstadt"
date = 2017-05-04
[office]
name = "Geschäftsstelle"
street = "Marktplatz 1"
postcode = "01234"
city = "Musterstadt"
email = "allianz@stadt.example"
"""


def opened(root: Path, more: str = "") -> Workspace:
    (root / "inputs").mkdir()
    (root / "inputs/alliance.toml").write_text(SETTINGS + more, "utf-8")
    return Workspace.open(root)


def initiators(*keys: str) -> str:
    return "".join(f'[[initiators]]\nkey = "{key}"\nname = "Initiator"\n' for key in keys)


def test_an_initiator_may_not_take_the_partners_signature_field(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="„initiators“: das Kürzel „partner“ ist der Unterschrift des Partners vorbehalten"):
        opened(tmp_path, initiators("stadt", "partner"))


def test_two_initiators_with_one_key_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="das Kürzel „ihk“ steht bei mehr als einem Initiator"):
        opened(tmp_path, initiators("ihk", "stadt", "ihk"))


def test_initiators_with_keys_of_their_own_are_taken_in_their_order(tmp_path: Path) -> None:
    assert [initiator.key for initiator in opened(tmp_path, initiators("stadt", "ihk")).settings.initiators] == ["stadt", "ihk"]
