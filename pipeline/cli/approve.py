"""`gremium approve`: somebody answers for exactly these bytes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from pipeline.cli.desk import Desk

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from pipeline.ledger import DocumentRow, Ledger
    from pipeline.proposal import Item, Proposal
    from pipeline.release import Approver

LISTED = 12     # papers of the sheet named one by one before the rest is counted


@click.command("approve")
@click.argument("kinds", nargs=-1, metavar="[ART]...")
@click.option("--by", default="", metavar="NAME", help="Wer freigibt.")
@click.option("--only", multiple=True, metavar="SCHLÜSSEL", help="Nur dieses Papier; mehrfach möglich.")
@click.option("--show", is_flag=True, help="Nur zeigen, was freizugeben ist: Anzahl, Empfänger, Änderungen, Stichproben, Auffälliges.")
@click.option("--open", "opened", is_flag=True, help="Mit --show: die Stichproben und alles Auffällige öffnen.")
@click.option("--json", "as_json", is_flag=True, help="Ergebnis als JSON auf die Standardausgabe.")
@click.pass_obj
def command(desk: Desk, kinds: tuple[str, ...], by: str, only: tuple[str, ...], show: bool, opened: bool, as_json: bool) -> None:
    """Gibt die erstellten Papiere frei; die Freigabe gilt für genau diese Dateien und erlischt mit jeder Änderung.

    Bei Einladungen gilt sie auch für Empfänger und Nachrichtentext. Zuerst --show: was freizugeben ist, was sich geändert hat, was
    auffällt. Veraltete und gesperrte Papiere werden nicht freigegeben. Ist für den Namen ein Schlüssel eingetragen, wird die Freigabe
    damit unterzeichnet.

    Beispiele: gremium approve memorandum --show · gremium approve memorandum --by "K. Muster"
    """
    from pipeline.build.plan import State
    from pipeline.papers.kinds import papers
    from pipeline.release import approve, envelopes
    wanted, keys = desk.kinds(kinds), [desk.known(key) for key in only]
    with desk.ledger(read_only=show) as ledger:
        plan = desk.plan(ledger).only(kinds=wanted, keys=keys)
        rows = desk.rows(plan, wanted, keys)
        if show:
            _show(desk, ledger, rows, opened=opened, as_json=as_json)
            return
        now = desk.now()
        envelope = envelopes(desk.workspace)
        covers = {draft.key: envelope(draft) for draft in desk.drafts}
        with approver(desk, by, now) as who:
            done = approve(desk.workspace, ledger, rows, who, now, envelopes=covers)
    left = plan.of(State.MISSING, State.STALE, State.BLOCKED)
    if as_json:
        desk.give({"approved": list(done.approved), "already": list(done.already), "left": [entry.key for entry in left],
                   "missing": dict(done.missing)})
    desk.say(f"Freigegeben von {by}: {papers(len(done.approved))}; schon vorher freigegeben: {len(done.already)}.")
    if done.missing:
        desk.say(f"Weitere Freigaben brauchen noch {papers(len(done.missing))}.")
    if left:
        desk.say(f"Nicht freigegeben, weil nicht aktuell: {len(left)}. Erst „gremium build“.")


@contextmanager
def approver(desk: Desk, by: str, now: dt.datetime) -> Iterator[Approver]:
    """Who decides, with their key where one is configured."""
    from pipeline.release import Approver, has_key
    if not has_key(by, desk.workspace.settings.release):
        yield Approver(name=by, login=desk.user())
        return
    from pipeline.signing.passphrases import passphrases
    from pipeline.signing.proof import prover
    from pipeline.signing.tokens import Tokens
    ask = passphrases(prompt=passphrase, keyring=desk.workspace.settings.signing.keyring)
    with Tokens() as tokens:
        yield Approver(name=by, login=desk.user(), proof=prover(desk.workspace, by, now=now, passphrase=ask, tokens=tokens))


def passphrase(owner: str) -> str | None:
    """Asks whoever sits here; None where nobody does."""
    if not sys.stdin.isatty():
        return None
    return str(click.prompt(f"Passphrase für {owner}", hide_input=True, err=True))


def _show(desk: Desk, ledger: Ledger, rows: Sequence[DocumentRow], *, opened: bool, as_json: bool) -> None:
    from pipeline.proposal import proposal
    drafts = {draft.key: draft for draft in desk.drafts}
    seen = proposal(desk.alliance, [(drafts[row.key], row) for row in rows], ledger.approvals(), desk.workspace.settings.release)
    if as_json:
        desk.give(seen.as_json())
    else:
        _print(seen)
    if opened:
        for item in dict.fromkeys((*seen.samples, *seen.unusual)):
            click.launch(str((desk.workspace.root / item.pdf).resolve()))
    desk.say("\nNichts wurde freigegeben. Weiter mit: gremium approve … --by NAME, oder gremium reject … --by NAME --reason GRUND")


def _print(seen: Proposal) -> None:
    from pipeline.papers.kinds import called, papers
    kinds = ", ".join(f"{number} {called(kind, number)}" for kind, number in seen.kinds.items())
    click.echo(f"Freizugeben: {papers(len(seen.items))} ({kinds or 'keine'}), an {seen.recipients} Empfänger")
    fresh = sum(item.changes is None for item in seen.items)
    same = sum(item.changes == () for item in seen.items)
    click.echo(f"Zum ersten Mal: {fresh}; gegenüber der letzten Freigabe geändert: {len(seen.changed)}; unverändert: {same}")
    _block("Geändert", seen.changed, lambda item: "; ".join(item.changes or ()))
    _block("Stichproben", seen.samples, lambda item: f"{item.to or item.subject}\n      {Path(item.pdf)}")
    _block("Auffällig", seen.unusual, lambda item: f"{item.to or item.subject}: {', '.join(item.unusual)}", limit=None)


def _block(title: str, items: Sequence[Item], words: Callable[[Item], str], limit: int | None = LISTED) -> None:
    if not items:
        return
    click.echo(f"\n{title}:")
    for item in items[:limit]:
        click.echo(f"  {item.key:24} {words(item)}")
    if limit is not None and len(items) > limit:
        click.echo(f"  … und {len(items) - limit} weitere")
