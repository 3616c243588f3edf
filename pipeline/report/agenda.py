"""What is to be done now, the most pressing first, each with the place on the page that shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.findings import Severity
from pipeline.report.view import View
from pipeline.report.words import some


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One thing to do."""

    look: str
    what: str               # "3 Papiere sind zurückgehalten"
    how: str                # what to do, with the command
    target: str             # section of the page
    mark: str = ""          # what to select there


def agenda(view: View) -> list[Task]:
    """What waits for somebody."""
    return list(_tasks(view))


def _tasks(view: View) -> Iterator[Task]:
    messages, states = view.status.messages, view.status.counts
    errors = sum(finding.severity is Severity.ERROR for finding in view.findings)
    failures = sum(bool(document.failure) for document in view.status.documents)
    due = states.get("missing", 0) + states.get("stale", 0)
    if count := messages.get("unknown", 0):
        yield Task(look="held", what=some(count, "Nachricht mit unklarem Verbleib", "Nachrichten mit unklarem Verbleib"), target="versand",
                   how="Beim Empfänger oder im Postausgang nachsehen, dann mit „gremium resolve“ festhalten.", mark="post-unknown")
    if count := messages.get("failed", 0):
        yield Task(look="held", what=some(count, "Nachricht gescheitert", "Nachrichten gescheitert"), target="versand",
                   how="Adresse berichtigen oder mit „gremium letters“ als Brief schicken.", mark="post-failed")
    if errors:
        yield Task(look="held", what=some(errors, "Fehler in Tabellen oder Vorlagen", "Fehler in Tabellen oder Vorlagen"), target="befunde",
                   how="In der genannten Zelle berichtigen, dann „gremium build“.", mark="weight-error")
    if count := states.get("blocked", 0):
        yield Task(look="held", what=some(count, "Papier zurückgehalten", "Papiere zurückgehalten"), target="papiere",
                   how="Der Grund steht beim Papier.", mark="state-blocked")
    if failures:
        yield Task(look="held", what=some(failures, "Papier beim letzten Mal gescheitert", "Papiere beim letzten Mal gescheitert"),
                   target="papiere", how="Der Grund steht beim Papier; „gremium build --failed“ versucht es noch einmal.", mark="failed")
    if count := states.get("rejected", 0):
        yield Task(look="held", what=some(count, "Papier zurückgewiesen", "Papiere zurückgewiesen"), target="papiere",
                   how="Tabelle oder Vorlage ändern und neu erstellen.", mark="state-rejected")
    if due:
        yield Task(look="open", what=some(due, "Papier zu erstellen", "Papiere zu erstellen"), target="papiere", how="„gremium build“",
                   mark="state-stale" if states.get("stale") else "state-missing")
    if count := states.get("fresh", 0) + states.get("outdated", 0):
        yield Task(look="open", what=some(count, "Papier freizugeben", "Papiere freizugeben"), target="papiere", how="„gremium approve --by NAME“",
                   mark="state-outdated" if states.get("outdated") and not states.get("fresh") else "state-fresh")
    if count := _unsigned(view):
        yield Task(look="open", what=some(count, "Memorandum zu unterzeichnen", "Memoranden zu unterzeichnen"), target="memoranden",
                   how="„gremium sign memorandum“", mark="step-2")
    if count := messages.get("frozen", 0) + messages.get("deferred", 0):
        yield Task(look="open", what=some(count, "Nachricht wartet", "Nachrichten warten"), target="versand",
                   how="„gremium send invitation --really“ macht weiter.", mark="post-frozen" if messages.get("frozen") else "post-deferred")
    if count := states.get("orphaned", 0):
        yield Task(look="open", what=some(count, "Papier ohne Zeile in den Tabellen", "Papiere ohne Zeile in den Tabellen"), target="papiere",
                   how="War die Zeile überflüssig, ist nichts zu tun; sonst wieder eintragen.", mark="state-orphaned")


def _unsigned(view: View) -> int:
    """Released, and nobody has signed yet."""
    return sum(document.state == "approved" and document.kind in view.kinds and view.kinds[document.kind].signed
               for document in view.status.documents)
