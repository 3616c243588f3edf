"""What is still open before the paper goes to the council: one rule a kind of gap, each a German sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from pipeline import wording
from pipeline.alliance import Alliance
from pipeline.papers.annexes import ANNEXES
from pipeline.records import Competence
from pipeline.settings import CouncilSettings

Rule = Callable[[Alliance, CouncilSettings], Iterator[str]]


def open_points(alliance: Alliance, council: CouncilSettings, waiting: Sequence[str] = (), stale: Sequence[str] = ()) -> tuple[str, ...]:
    """Everything somebody has yet to settle; `waiting` are the keys of papers not released, `stale` of those not built anew."""
    outdated = (f"Nach einer Änderung noch nicht neu gebaut: {key}." for key in stale)
    unreleased = (f"Noch nicht freigegeben: {key}." for key in waiting)
    return (*(point for rule in RULES for point in rule(alliance, council)), *outdated, *unreleased)


def reference_is_given(_: Alliance, council: CouncilSettings) -> Iterator[str]:
    """The number comes from the council's office, late."""
    if not council.reference:
        yield "Die Drucksachennummer fehlt; im Kopf der Vorlage ist sie von Hand einzutragen."


def responsibility_is_given(_: Alliance, council: CouncilSettings) -> Iterator[str]:
    """The head names who answers for the paper."""
    if not council.division:
        yield "Fachbereich oder Dezernat ist nicht angegeben."
    if not council.responsible:
        yield "Die verantwortliche Person ist nicht angegeben."


def exactly_one_stage_decides(_: Alliance, council: CouncilSettings) -> Iterator[str]:
    """A mandate needs one decision, and it comes last."""
    deciding = [place for place, stage in enumerate(council.route) if stage.competence is Competence.DECIDES]
    if not council.route:
        yield "Die Beratungsfolge fehlt."
    elif len(deciding) != 1:
        yield f"In der Beratungsfolge muss genau eine Stufe beschließen, es sind {len(deciding)}."
    elif deciding[0] != len(council.route) - 1:
        yield f"{council.route[deciding[0]].body} beschließt, ist aber nicht die letzte Stufe der Beratungsfolge."


def initiators_may_sign(alliance: Alliance, _: CouncilSettings) -> Iterator[str]:
    """An initiator without a signatory has not shown that it may sign."""
    for initiator in alliance.settings.initiators:
        if not initiator.signatories:
            yield f"{initiator.name}: Wer das Memorandum unterzeichnen darf, ist nicht nachgewiesen."


def pilots_are_complete(alliance: Alliance, _: CouncilSettings) -> Iterator[str]:
    """A pilot says what it costs, who carries it, how long it takes, what it is measured by and what becomes of data."""
    if not alliance.pilots:
        yield "Kein Projekt ist als Pilot vorgeschlagen."
    for pilot in alliance.proposals:
        gaps = [word for word, missing in (
            ("Kosten", pilot.cost is None), ("städtischer Anteil", pilot.own_funds is None), ("Stellen", pilot.staff is None),
            ("Konsortium", not pilot.body), ("Laufzeit", not pilot.duration), ("Förderung", not pilot.funding),
            ("Erfolgskriterien", not pilot.success), ("Risiken", not pilot.risks), ("Datenschutz", not pilot.privacy)) if missing]
        if gaps:
            yield f"Pilot {pilot.key} „{pilot.title}“: nicht angegeben sind {wording.listing(gaps)}."


def memoranda_are_counted(alliance: Alliance, _: CouncilSettings) -> Iterator[str]:
    """The paper says how far the memoranda have come once somebody has counted."""
    if alliance.progress is None:
        yield "Der Stand der Memoranden ist nicht gezählt und fehlt in der Vorlage („gremium council state“)."


def closed_annexes_exist(_: Alliance, council: CouncilSettings) -> Iterator[str]:
    """What the settings close is an annex."""
    known = [annex.kind for annex in ANNEXES]
    for kind in council.closed:
        if kind not in known:
            yield f"In alliance.toml nennt council.closed „{kind}“; das ist keine Anlage ({wording.listing(known)})."


def financing_is_settled(_: Alliance, council: CouncilSettings) -> Iterator[str]:
    """The management office's models name what is still to be settled."""
    if not council.financing:
        yield "Finanzierungsmodelle für das Smart City Management Office fehlen."


RULES: tuple[Rule, ...] = (
    reference_is_given, responsibility_is_given, exactly_one_stage_decides, initiators_may_sign, pilots_are_complete,
    memoranda_are_counted, financing_is_settled, closed_annexes_exist,
)
