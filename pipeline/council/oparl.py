"""The submission as OParl 1.1: a tree of files that any web server can serve, in which every id resolves.

Type addresses, mandatory fields and embedding after the specification, https://oparl.org/spezifikation/. Optional
fields without a value are left out; what the specification has no word for carries the prefix `gremium:`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from pipeline import wording
from pipeline.council.text import text_of
from pipeline.records import Competence, Decision
from pipeline.settings import Settings, Stage

SCHEMA = "https://schema.oparl.org/1.1/"
BERLIN = ZoneInfo("Europe/Berlin")
MIME = {"docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "pdf": "application/pdf"}

RESULTS = {"beschlossen": "Unverändert beschlossen"}

Object = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One public paper of the submission."""

    title: str
    stem: str           # file name without ending, ASCII
    date: dt.date
    docx: bytes
    pdf: bytes


def tree(settings: Settings, paper: Document, annexes: Sequence[Document], decision: Decision | None = None) -> Mapping[str, bytes]:
    """Every file of the tree: path below the base address → bytes; the same for the same submission.

    `decision` is what the council made of it, once that is known. The settings name a council.
    """
    return _Tree(settings, paper, annexes, decision).files()


class _Tree:
    def __init__(self, settings: Settings, paper: Document, annexes: Sequence[Document], decision: Decision | None) -> None:
        assert settings.council is not None
        council = settings.council
        self._settings, self._council, self._main, self._annexes, self._decision = settings, council, paper, annexes, decision
        self._base = council.oparl_base.rstrip("/") + "/"
        self._stamp = dt.datetime.combine(paper.date, dt.time(), BERLIN).isoformat()
        self._paper_id = self._url(f"paper/{council.session}.json")

    def files(self) -> Mapping[str, bytes]:
        documents = (self._main, *self._annexes)
        standing = self._council.route
        organizations = [self._organization(name) for name in self._organizations()]
        meetings = [self._meeting(stage) for stage in standing]
        paper = self._paper()
        objects = [
            self._system(), self._body(), *organizations, *meetings, paper,
            *(self._agenda_item(stage, alone=True) for stage in standing),
            *(self._consultation(stage, alone=True) for stage in standing),
            *(self._file(document, ending, alone=True) for document in documents for ending in MIME),
        ]
        files = {self._path(each["id"]): _json(each) for each in objects}
        lists = {"bodies": [self._body()], "organizations": organizations, "persons": [], "meetings": meetings, "papers": [paper]}
        files |= {f"{name}.json": _json(self._list(name, members)) for name, members in lists.items()}
        for document in documents:
            files |= {f"download/{document.stem}.docx": document.docx, f"download/{document.stem}.pdf": document.pdf}
        return files

    # the house

    def _system(self) -> Object:
        return self._object("System", "system.json", oparlVersion=SCHEMA, body=self._url("bodies.json"),
                            name=f"Ratsvorlage der {self._settings.office.name}")

    def _body(self) -> Object:
        lists = {name: self._url(f"{name}s.json") for name in ("organization", "person", "meeting", "paper")}
        body = self._object("Body", "body.json", system=self._url("system.json"), name=self._settings.alliance.city, **lists)
        return body | {"legislativeTerm": []}        # mandatory, and not known here

    def _organizations(self) -> Sequence[str]:
        known: dict[str, str] = {}
        for name in (*(stage.body for stage in self._council.route), self._council.body, self._originator):
            known.setdefault(self._organization_url(name), name)
        return tuple(known.values())

    @property
    def _originator(self) -> str:
        return self._council.division or self._settings.office.name

    def _organization(self, name: str) -> Object:
        sits = name != self._originator
        highest = self._organization_url(name) == self._organization_url(self._council.body)
        committee = "Ausschuss" if "ausschuss" in name.lower() else ""
        return self._object("Organization", self._path(self._organization_url(name)), body=self._url("body.json"), name=name,
                            organizationType="Gremium" if sits else "Verwaltungsbereich",
                            classification="" if not sits else "Parlament" if highest else committee)

    # the route

    def _meeting(self, stage: Stage) -> Object:
        # `start` is left out: the hour of the session is not known, and an invented one would be believed.
        return self._object("Meeting", f"meeting/{_step(stage)}.json", name=f"{stage.body}, Sitzung am {wording.date(stage.date)}",
                            meetingState="terminiert", organization=[self._organization_url(stage.body)],
                            agendaItem=[self._agenda_item(stage)], **{"gremium:date": stage.date.isoformat()})

    def _agenda_item(self, stage: Stage, *, alone: bool = False) -> Object:
        return self._object("AgendaItem", f"agendaitem/{_step(stage)}.json", name=self._council.subject, order=0, public=True,
                            consultation=self._url(f"consultation/{_step(stage)}.json"),
                            meeting=self._url(f"meeting/{_step(stage)}.json") if alone else None, **self._result(stage))

    def _result(self, stage: Stage) -> Object:
        """What the deciding stage decided, in the words the standard suggests."""
        if self._decision is None or stage.competence is not Competence.DECIDES:
            return {}
        outcome = str(self._decision.outcome)
        return {"result": RESULTS.get(outcome, outcome.capitalize()), "resolutionText": "\n".join(self._decision.amendments)}

    def _consultation(self, stage: Stage, *, alone: bool = False) -> Object:
        return self._object("Consultation", f"consultation/{_step(stage)}.json", paper=self._paper_id if alone else None,
                            agendaItem=self._url(f"agendaitem/{_step(stage)}.json"), meeting=self._url(f"meeting/{_step(stage)}.json"),
                            organization=[self._organization_url(stage.body)],
                            authoritative=stage.competence is Competence.DECIDES, role=str(stage.competence))

    # the paper

    def _paper(self) -> Object:
        council = self._council
        return self._object("Paper", self._path(self._paper_id), body=self._url("body.json"), name=council.subject,
                            reference=council.reference, date=self._main.date.isoformat(), paperType=self._kind(),
                            mainFile=self._file(self._main, "pdf"), auxiliaryFile=[self._file(annex, "pdf") for annex in self._annexes],
                            originatorOrganization=[self._organization_url(self._originator)],
                            underDirectionOf=[self._organization_url(self._originator)],
                            consultation=[self._consultation(stage) for stage in council.route])

    def _kind(self) -> str:
        decides = any(stage.competence is Competence.DECIDES for stage in self._council.route)
        return "Beschlussvorlage" if decides else "Mitteilungsvorlage"

    def _file(self, document: Document, ending: str, *, alone: bool = False) -> Object:
        data = {"docx": document.docx, "pdf": document.pdf}[ending]
        name = f"{document.stem}.{ending}"
        return self._object(
            "File", self._file_path(document, ending), name=document.title, fileName=name, mimeType=MIME[ending],
            date=document.date.isoformat(), size=len(data), sha512Checksum=hashlib.sha512(data).hexdigest(), text=text_of(document.docx),
            accessUrl=self._url(f"download/{name}"), downloadUrl=self._url(f"download/{name}"),
            masterFile=self._url(self._file_path(document, "docx")) if ending == "pdf" else None,
            derivativeFile=[self._url(self._file_path(document, "pdf"))] if ending == "docx" else None,
            paper=[self._paper_id] if alone else None)

    # how objects are written

    def _object(self, kind: str, path: str, **fields: object) -> Object:
        written = {name: value for name, value in fields.items() if value not in (None, "", [])}
        return {"id": self._url(path), "type": SCHEMA + kind, **written, "created": self._stamp, "modified": self._stamp}

    def _list(self, name: str, members: Sequence[Object]) -> Object:
        here = self._url(f"{name}.json")
        return {"data": list(members), "links": {"first": here, "self": here, "last": here},
                "pagination": {"totalElements": len(members), "elementsPerPage": max(len(members), 1), "currentPage": 1, "totalPages": 1}}

    def _url(self, path: str) -> str:
        return self._base + path

    def _path(self, url: str) -> str:
        return url.removeprefix(self._base)

    def _file_path(self, document: Document, ending: str) -> str:
        return f"file/{document.stem}-{ending}.json"

    def _organization_url(self, name: str) -> str:
        return self._url(f"organization/{wording.slug(name, longest=80)}.json")


def _step(stage: Stage) -> str:
    """A stage in paths: by its day and its body, so that two bodies may meet on one day."""
    return f"{stage.date}-{wording.slug(stage.body, longest=80)}"


def _json(value: Object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
