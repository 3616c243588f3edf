"""What is still open before the paper goes to the council: one rule a kind of gap, each a German sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from pipeline.alliance import Alliance
from pipeline.records import Competence
from pipeline.workspace import CouncilSettings

Rule = Callable[[Alliance, CouncilSettings], Iterator[str]]


def open_points(alliance: Alliance, council: CouncilSettings, waiting: Sequence[str] = ()) -> tuple[str, ...]:
    """Everything somebody has yet to settle; `waiting` are the keys of papers that are not released."""
    unreleased = (f"Noch nicht freigegeben: {key}." for key in waiting)
    return (*(point for rule in RULES for point in rule(alliance, council)), *unreleased)


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
    """A pilot needs its cost and somebody to carry it."""
    if not alliance.pilots:
        yield "Kein Projekt ist als Pilot vorgeschlagen."
    for pilot in alliance.pilots:
        if pilot.cost is None:
            yield f"Pilot {pilot.key} „{pilot.title}“: Die Kosten sind nicht angegeben."
        if not pilot.body:
            yield f"Pilot {pilot.key} „{pilot.title}“: Kein Konsortium hat ihn sich zu eigen gemacht."


RULES: tuple[Rule, ...] = (
    reference_is_given, responsibility_is_given, exactly_one_stage_decides, initiators_may_sign, pilots_are_complete,
)
