"""The kinds of papers: one row each, with the module that words it and the Word file that prints it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from pipeline.alliance import Alliance
from pipeline.errors import WorkspaceError
from pipeline.papers import annexes, badges, briefing, excerpt, handout, invitation, memorandum, poster, roster, talks
from pipeline.papers import fields as listed
from pipeline.papers.charts import undrawn
from pipeline.papers.draft import Draft, Value
from pipeline.papers.fields import Field
from pipeline.papers.sample import sample_alliance

__all__ = ["KINDS", "Field", "Kind", "UnknownKind", "called", "drafts", "fields", "papers", "sample"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of paper."""

    name: str                                        # "memorandum": on the command line, in keys, as folder
    title: str                                       # German, for people
    plural: str = ""                                 # the same of several; "" where it reads the same
    template: str                                    # file name in templates/
    drafts: Callable[[Alliance], Iterator[Draft]]
    meanings: Mapping[str, str]                      # dotted path → what the field is, German
    signed: bool = False                             # is signed after its release
    mailed: bool = False                             # goes to recipients one by one
    council: bool = False                            # is part of the council's dossier
    annex_of: str = ""                               # kind it belongs to, with which it is built and released
    on_request: bool = False                         # is made when asked for by name, and kept up to date from then on

    def called(self, number: int) -> str:
        """What so many of them are called."""
        return self.title if number == 1 else self.plural or self.title


KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (
    Kind(name="memorandum", title="Memorandum", plural="Memoranden",
         template=memorandum.TEMPLATE, drafts=memorandum.drafts, meanings=memorandum.MEANINGS,
         signed=True),
    Kind(name="briefing", title="Vorlage an den Rat", plural="Vorlagen an den Rat",
         template=briefing.TEMPLATE, drafts=briefing.drafts, meanings=briefing.MEANINGS,
         council=True),
    *(Kind(name=annex.kind, title=f"Anlage: {annex.title}", template=annex.template, drafts=annexes.drafts(annex.kind),
           meanings=annex.meanings, council=True, annex_of="briefing") for annex in annexes.ANNEXES),
    Kind(name="invitation", title="Einladung", plural="Einladungen",
         template=invitation.TEMPLATE, drafts=invitation.drafts, meanings=invitation.MEANINGS,
         mailed=True),
    Kind(name="excerpt", title="Auszug aus dem Beschluss", plural="Auszüge aus dem Beschluss",
         template=excerpt.TEMPLATE, drafts=excerpt.drafts, meanings=excerpt.MEANINGS),
    Kind(name="roster", title="Mitglieder- und Anwesenheitsliste", plural="Mitglieder- und Anwesenheitslisten",
         template=roster.TEMPLATE, drafts=roster.drafts, meanings=roster.MEANINGS),
    Kind(name="badges", title="Namensschilder", template=badges.TEMPLATE, drafts=badges.drafts, meanings=badges.MEANINGS),
    Kind(name="talks", title="Liste der Kurzvorträge", plural="Listen der Kurzvorträge",
         template=talks.TEMPLATE, drafts=talks.drafts, meanings=talks.MEANINGS),
    Kind(name="handout", title="Überblick", template=handout.TEMPLATE, drafts=handout.drafts, meanings=handout.MEANINGS),
    Kind(name="poster", title="Plakat", plural="Plakate",
         template=poster.TEMPLATE, drafts=poster.drafts, meanings=poster.MEANINGS, on_request=True),
)}


class UnknownKind(WorkspaceError):
    """A kind was asked for that does not exist."""

    def __init__(self, name: str) -> None:
        super().__init__(f"„{name}“ ist keine Art von Papier", hint=f"Es gibt: {', '.join(KINDS)}.")


def papers(number: int) -> str:
    """So many papers, in words: "1 Papier", "12 Papiere"."""
    return "1 Papier" if number == 1 else f"{number} Papiere"


def called(kind: str, number: int) -> str:
    """What so many papers of a kind are called: "Memorandum", "Memoranden"; the name itself where there is no such kind any more."""
    return KINDS[kind].called(number) if kind in KINDS else kind


def drafts(alliance: Alliance, kinds: Collection[str] = ()) -> tuple[Draft, ...]:
    """The drafts of these kinds and their annexes, or of all; in the order of the kinds and of the tables. Raises UnknownKind."""
    for name in kinds:
        if name not in KINDS:
            raise UnknownKind(name)
    wanted = (kind for kind in KINDS.values() if not kinds or kind.name in kinds or kind.annex_of in kinds)
    return tuple(_told_apart(draft for kind in wanted for draft in kind.drafts(alliance)))


def sample(kind: str) -> Mapping[str, Value]:
    """A complete context of one kind, about a made-up alliance. Raises UnknownKind."""
    if kind not in KINDS:
        raise UnknownKind(kind)
    with undrawn():
        return next(KINDS[kind].drafts(sample_alliance())).context


def fields(kind: str) -> tuple[Field, ...]:
    """The fields a template of one kind may use. Raises UnknownKind."""
    return listed.fields(sample(kind), KINDS[kind].meanings)


def _told_apart(found: Iterable[Draft]) -> Iterator[Draft]:
    """Drafts whose file names differ on any file system: keys that differ in case alone get a mark of their own."""
    taken: set[str] = set()
    for draft in found:
        stem = draft.stem
        if stem.lower() in taken:
            stem = f"{stem}-{hashlib.sha256(draft.key.encode()).hexdigest()[:8]}"
        taken.add(stem.lower())
        yield draft if stem == draft.stem else replace(draft, stem=stem)
