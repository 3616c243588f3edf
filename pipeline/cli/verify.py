"""`gremium verify`: what a file is, whether it is unaltered, and who signed it."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import rich_click as click

from pipeline.cli.desk import Desk
from pipeline.errors import WorkspaceError

if TYPE_CHECKING:
    from pipeline.signing.verdict import Answer, SignatureFound, Verdict

FAILED = 8
HERE = ZoneInfo("Europe/Berlin")


@click.command("verify")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="DATEI")
@click.option("--json", "as_json", is_flag=True, help="Das Ergebnis als JSON auf die Standardausgabe.")
@click.pass_obj
def command(desk: Desk, file: Path, as_json: bool) -> int:
    """Prüft eine PDF- oder Word-Datei: aus welchem Bau sie stammt, ob sie unverändert ist, wer sie unterschrieben hat.

    Geht auch ohne Arbeitsordner; mit ihm lässt sich mehr sagen: wer sie freigegeben hat, ob sie zurückgenommen wurde.
    Beispiel: gremium verify outputs/signed/memorandum/….pdf
    """
    from pipeline.signing.letterbox import whole
    from pipeline.signing.verify import verify
    data = whole(file)
    releases: tuple[Answer, ...] = ()
    withdrawn: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    try:
        verdict, releases, withdrawn, returned = _here(desk, data)
    except WorkspaceError:
        verdict = verify(data, now=desk.now())
    good = verdict.good and not withdrawn
    if as_json:
        desk.give(verdict.as_json() | {"good": good, "withdrawn": list(withdrawn), "returned": list(returned),
                                       "releases": [answer.as_json() for answer in releases]})
    else:
        _print(verdict, releases, withdrawn, returned)
        click.echo("Ergebnis: " + _result(verdict, withdrawn))
    return 0 if good else FAILED


def _here(desk: Desk, data: bytes) -> tuple[Verdict, tuple[Answer, ...], tuple[str, ...], tuple[str, ...]]:
    """The verdict with all that this workspace knows: its papers, who released them, what was taken back, what came back."""
    from pipeline.signing.proof import Proofs
    from pipeline.signing.verify import CERTIFIED, verify
    proofs = Proofs(desk.workspace)
    with desk.ledger(read_only=True) as ledger:
        known = ledger.documents() if desk.ledger_path.exists() else None
        approvals, issues, came = ledger.approvals(), ledger.issues(), ledger.returns_of(hashlib.sha256(data).hexdigest())
        certified = {str(detail["sha256"]): str(detail["made_at"]) for _, detail in ledger.noted(CERTIFIED)}
    verdict = verify(data, now=desk.now(), trust=proofs.trust, known=known, certified=certified)
    returned = tuple(f"am {_day(row.received_at)} zurückgekommen: {row.sentence}" for row in came)
    made = verdict.provenance
    if made is None:
        return verdict, (), (), returned
    given = [each for each in approvals.get(made.key, ()) if each.revision == made.revision]
    last = [row for row in issues.get(made.key, ()) if row.revision == made.revision][-1:]     # what was taken back may have gone out again
    return (verdict, tuple(proofs.judged(each) for each in given),
            tuple(f"diese Fassung wurde am {_day(row.withdrawn_at)} zurückgenommen: {row.reason}" for row in last if row.withdrawn_at), returned)


def _print(verdict: Verdict, releases: tuple[Answer, ...], withdrawn: tuple[str, ...], returned: tuple[str, ...]) -> None:
    for word, answer in (("Dokument", verdict.document), ("Unversehrtheit", verdict.integrity), ("Änderungen", verdict.change),
                         ("Unterzeichnende", verdict.signatory)):
        click.echo(f"{word:16} {answer.indication:14} {answer.sentence}")
    for found in verdict.signatures:
        click.echo(f"  {found.field}: {found.signer}{_when(found)}, {found.level}{' – Demonstration' if found.demo else ''}")
    for answer in releases:
        click.echo(f"{'Freigabe':16} {answer.indication:14} {answer.sentence}")
    for sentence in withdrawn:
        click.echo(f"{'Ausgabe':16} {'total-failed':14} {sentence}")
    for sentence in returned:
        click.echo(f"{'Rücklauf':31} {sentence}")


def _result(verdict: Verdict, withdrawn: tuple[str, ...]) -> str:
    """The answer in a line: whether it is unaltered is one thing, whether it is known who signed another."""
    from pipeline.signing.verdict import Indication
    if withdrawn:
        return "zurückgenommen"
    if verdict.signatures and Indication.FAILED in (verdict.integrity.indication, verdict.change.indication):
        return "seit der Unterschrift verändert"
    if not verdict.good:
        return "nicht bestätigt"
    if not verdict.signatures:
        return "unverändert; nicht unterzeichnet"
    return "unverändert; " + ("die Unterzeichnenden sind bestätigt" if verdict.signatory.indication is Indication.PASSED
                              else "wer unterzeichnet hat, ist nicht bestätigt")


def _when(found: SignatureFound) -> str:
    at = found.stamped or found.at
    if at is None:
        return ""
    return f", {at.astimezone(HERE):%d.%m.%Y %H:%M} Uhr {'laut Zeitstempel' if found.stamped else 'laut Unterzeichner'}"


def _day(stamp: str) -> str:
    return f"{dt.datetime.fromisoformat(stamp).astimezone(HERE):%d.%m.%Y}"
