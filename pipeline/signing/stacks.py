"""Stacks of paper: scanned pages are sorted into memoranda, and each memorandum is judged by what can be seen of it.

What a scan shows is never proof: a memorandum that looks as it was printed and bears ink where the partner signs is filed as
paper, for a person to confirm. Pages may lie in any order, any way up, several memoranda in one file or one in several.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.pdf.overlay import Difference, Kind
from pipeline.processes import processors
from pipeline.settings import PARTNER
from pipeline.signing.arrival import House, Progress, Received, Return, State, state
from pipeline.signing.readers import Compared, Leaf, Readers
from pipeline.signing.verdict import Answer, Indication, Reason, failed, passed, unsure, worst

Paper = tuple[str, int]     # key and revision, as the mark says
SHOWN = 6                   # places a sentence names before it counts the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """What the ledger says of a paper that pages claim to be of, and the file they can be compared with."""

    document: Answer
    built: Path | None = None


def sort(scans: Sequence[Received], house: House, progress: Progress, jobs: int | None = None) -> Iterator[Return]:
    """The verdicts on scans: one for each file and paper in it, and one with an empty key for pages of no known paper.

    `jobs` processes read them, as many as there are processors when nothing is said.
    """
    with Readers([scan.data for scan in scans], jobs or processors()) as readers:
        leaves = readers.leaves()
        papers: dict[Paper, list[Leaf]] = {}
        for leaf in leaves:
            if len(leaf.marks) == 1:
                papers.setdefault(leaf.marks[0], []).append(leaf)
        claims = {paper: _claim(paper, house) for paper in papers}
        tasks = [(claim.built, tuple(papers[paper])) for paper, claim in claims.items() if claim.built]
        total, done, compared = sum(len(found) for _, found in tasks), 0, []
        for one in readers.compared(tasks):
            done += len(one.seen)
            progress(done, total)
            compared.append(one)
    looked = dict(zip((paper for paper, claim in claims.items() if claim.built), compared, strict=True))
    for paper, found in papers.items():
        verdict = _judged(paper, claims[paper].document, looked.get(paper), len(found))
        for number in dict.fromkeys(leaf.file for leaf in found):
            yield replace(verdict, received=scans[number])
    for number, received in enumerate(scans):       # last, as these say least
        yield from _loose(received, [leaf for leaf in leaves if leaf.file == number])


# which paper


def _claim(paper: Paper, house: House) -> _Claim:
    key, revision = paper
    says, row = f"{key}, Fassung {revision}", house.documents.get(key)
    if row is None:
        return _Claim(document=failed(f"nennt sich {says}; hier wurde ein solches Papier nie erstellt", Reason.UNKNOWN))
    if row.revision != revision:
        return _Claim(document=failed(f"{says}: inzwischen gilt Fassung {row.revision}", Reason.OTHER_REVISION))
    issues = [given for given in house.issues.get(key, ()) if given.revision == revision]
    counting = [given for given in issues if not given.withdrawn_at]
    if issues and not counting:
        return _Claim(document=failed(f"{says}: zurückgenommen, weil: {issues[-1].reason}", Reason.WITHDRAWN))
    built = house.workspace.root / row.pdf
    if not built.is_file() or hashlib.sha256(built.read_bytes()).hexdigest() != row.pdf_sha256:
        return _Claim(document=unsure(f"{says}: die Datei, aus der gedruckt wurde, fehlt oder wurde verändert: {row.pdf}", Reason.UNREADABLE))
    if not counting:
        return _Claim(document=unsure(f"{says}: hier erstellt, doch nach dem Verzeichnis nie ausgegeben", Reason.NOT_ISSUED), built=built)
    return _Claim(document=passed(f"{says}, wie ausgegeben"), built=built)


def _judged(paper: Paper, document: Answer, compared: Compared | None, leaves: int) -> Return:
    """The verdict on all pages of one paper in this run; the file is put in by the caller."""
    key, revision = paper
    missing: tuple[int, ...] = ()
    if compared is None:
        why = unsure("nicht mit der ausgegebenen Fassung verglichen", Reason.PAPER)
        answers = (why, why, why, document)
    else:
        missing = tuple(page for page in range(1, compared.pages + 1) if page not in {seen.page for seen in compared.seen})
        answers = (_integrity(compared), _signatory(compared, missing), _change(compared), worst([document, *_complete(compared, missing)],
                                                                                                document.sentence))
    reached = state(answers)
    return Return(received=_NOTHING, key=key, revision=revision, state=reached, integrity=answers[0], signatory=answers[1], change=answers[2],
                  document=answers[3], sentence=_sentence(paper, reached, answers, leaves, compared), missing=missing)


_NOTHING = Received("", b"")


# what can be seen


def _integrity(compared: Compared) -> Answer:
    strangers = [seen.leaf.page for seen in compared.seen if not seen.page]
    if strangers:
        return failed(f"{_sheets(strangers)} des Scans trägt die Kennung des Papiers, sieht aber aus wie keine seiner Seiten"
                      if len(strangers) == 1 else
                      f"{_sheets(strangers)} des Scans tragen die Kennung des Papiers, sehen aber aus wie keine seiner Seiten", Reason.PAGES_DIFFER)
    changed = _places(compared, Kind.CHANGED)
    if changed and any(seen.coarse for seen in compared.seen):
        return unsure("schwarz-weiß gescannt, und so ist nicht zu sehen, ob gedruckter Text verändert ist oder nur gröber abgebildet: "
                      f"{_listed(changed)}; in Graustufen scannen", Reason.PAGES_DIFFER)
    if changed:
        return failed(f"gedruckter Text ist verändert, gestrichen oder überschrieben: {_listed(changed)}", Reason.PAGES_DIFFER)
    return unsure("auf Papier: der Druck stimmt mit dem ausgegebenen überein, soweit ein Vergleich der Bilder das zeigt", Reason.PAPER)


def _change(compared: Compared) -> Answer:
    added = _places(compared, Kind.ADDED)
    if added:
        return unsure(f"außerhalb der Unterschriftsfelder ist etwas hinzugekommen: {_listed(added)}", Reason.PAPER)
    beside = _places(compared, Kind.BESIDE)
    if beside:
        return unsure(f"neben den Unterschriften steht etwas – Ort und Datum, oder ein Vorbehalt: {_listed(beside)}", Reason.PAPER)
    return passed("außerhalb der Unterschriftsfelder ist nichts zu sehen, was nicht gedruckt war")


def _signatory(compared: Compared, missing: Sequence[int]) -> Answer:
    pages = [seen.page for seen in compared.seen if PARTNER in seen.signed]
    if pages:
        return unsure(f"von Hand unterzeichnet auf Seite {pages[0]}; wer das war, kann nur ein Mensch sagen", Reason.PAPER)
    if missing:
        return unsure("auf den vorliegenden Seiten ist keine Unterschrift des Partners zu sehen", Reason.NO_SIGNATURE)
    return failed("im Unterschriftsfeld des Partners ist nichts zu sehen", Reason.NO_SIGNATURE)


def _complete(compared: Compared, missing: Sequence[int]) -> Iterator[Answer]:
    if missing:
        yield unsure(f"es {'fehlt' if len(missing) == 1 else 'fehlen'} {_pages(missing)} von {compared.pages}", Reason.PAGES_MISSING)


def _places(compared: Compared, kind: Kind) -> list[str]:
    found: list[tuple[int, Difference]] = [(seen.page, one) for seen in compared.seen for one in seen.differences if one.kind is kind]
    return [f"Seite {page}, {one}" for page, one in sorted(found, key=lambda pair: (pair[0], pair[1].top, pair[1].left))]


def _listed(places: Sequence[str]) -> str:
    more = len(places) - SHOWN
    return "; ".join(places[:SHOWN]) + (f" und {more} weitere Stellen" if more > 1 else " und eine weitere Stelle" if more == 1 else "")


def _pages(numbers: Sequence[int]) -> str:
    return _enumerated("Seite", "die Seiten", numbers)


def _sheets(numbers: Sequence[int]) -> str:
    return _enumerated("Blatt", "die Blätter", numbers)


def _enumerated(one: str, several: str, numbers: Sequence[int]) -> str:
    *most, last = (str(number) for number in numbers)
    return f"{several} {', '.join(most)} und {last}" if most else f"{one} {last}"


# in words


def _sentence(paper: Paper, reached: State, answers: Sequence[Answer], leaves: int, compared: Compared | None) -> str:
    says = f"{paper[0]}, Fassung {paper[1]}"
    if reached is State.TO_CONFIRM:
        points = "; ".join(answer.sentence for answer in answers[1:3] if answer.indication is not Indication.PASSED)
        return f"{says}: {leaves} Seiten auf Papier, wie gedruckt – {points}{_twice(compared)}. Ansehen und bestätigen"
    points = "; ".join(answer.sentence for answer in answers if answer.indication is worst(answers, "").indication)
    advice = "Die Seiten vollständig scannen und noch einmal annehmen" if reached is State.UNCLEAR and compared else "Das Original ansehen"
    return f"{says}: {'zurückgewiesen' if reached is State.REFUSED else 'ungeklärt'} – {points}{_twice(compared)}. {advice}"


def _twice(compared: Compared | None) -> str:
    counts = Counter(seen.page for seen in compared.seen if seen.page) if compared else Counter[int]()
    more = sorted(page for page, number in counts.items() if number > 1)
    return f"; mehrfach im Scan: {_pages(more)}" if more else ""


# pages of no paper


def _loose(received: Received, leaves: Sequence[Leaf]) -> Iterator[Return]:
    """What is to be said of pages that belong to no paper; empty backs of sheets are passed over beside others."""
    faults = [leaf for leaf in leaves if leaf.fault]
    crowded = [leaf.page for leaf in leaves if len(leaf.marks) > 1]
    unmarked = [leaf.page for leaf in leaves if not leaf.marks and not leaf.empty and not leaf.fault]
    if not (faults or crowded or unmarked) and any(leaf.marks for leaf in leaves):
        return
    points: list[Answer] = []
    if crowded:
        points.append(unsure(f"{_sheets(crowded)} trägt mehr als eine Kennung und gehört zu keinem Papier allein" if len(crowded) == 1 else
                             f"{_sheets(crowded)} tragen mehr als eine Kennung und gehören zu keinem Papier allein", Reason.TWO_MARKS))
    if unmarked:
        points.append(unsure(f"{_sheets(unmarked)}: keine Kennung eines ausgegebenen Papiers zu lesen", Reason.NO_MARK))
    if faults:
        points.append(failed("; ".join(_fault(leaf) for leaf in faults[:SHOWN]), Reason.UNREADABLE))
    document = worst(points, "") if points else unsure("nur leere Seiten", Reason.NO_MARK)
    nothing = unsure("dazu lässt sich nichts sagen", document.reason)
    answers = (nothing, nothing, nothing, document)
    sentence = "; ".join(answer.sentence for answer in points) or document.sentence
    advice = "" if any(not leaf.page for leaf in faults) else f". {_advice(points)}"      # what cannot read a file at all has said what to do
    yield Return(received=received, key="", revision=0, state=state(answers), integrity=nothing, signatory=nothing, change=nothing,
                 document=document, sentence=f"{received.name}: {sentence}{advice}")


def _fault(leaf: Leaf) -> str:
    return f"Blatt {leaf.page}: {leaf.fault}" if leaf.page else leaf.fault.rstrip(".")


def _advice(points: Sequence[Answer]) -> str:
    advice: Mapping[Reason | None, str] = {
        Reason.UNREADABLE: "Noch einmal scannen, mit 150 bis 300 dpi",
        Reason.TWO_MARKS: "Jedes Blatt einzeln scannen",
        Reason.NO_MARK: "Rückläufe mit 150 bis 300 dpi scannen, so dass der Rand unten links mit auf dem Bild ist; anderes beiseitelegen",
    }
    return advice[points[-1].reason] if points else "Die Blätter umdrehen und noch einmal scannen"
