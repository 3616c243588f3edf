"""The desk: the messages of one mailing composed one by one, each under guard."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from pipeline.mail.guard import Crowd, Suspect, guard
from pipeline.mail.holding import Change, changes
from pipeline.mail.mailing import Due, Mailing, Purpose
from pipeline.mail.message import Letter, Message, compose
from pipeline.mail.texts import News, Text, Texts, context
from pipeline.papers.draft import Recipient
from pipeline.release import built_pdf

_NOBODY = Recipient(key="", partner="", name="", organisation="", salutation="", address=())


class Desk:
    """Composes the messages of one mailing, each under guard."""

    def __init__(self, mailing: Mailing) -> None:
        self._mailing = mailing
        self._settings = mailing.workspace.settings
        self._texts: dict[Purpose, Texts] = {}
        self._crowd = Crowd(draft.recipient for draft in mailing.drafts if draft.recipient)
        self._shared: dict[tuple[str, Purpose, News], str] = {}

    def text(self, due: Due) -> Text:
        """The words of one message. Raises TemplateError."""
        return self._filled(due, due.recipient)

    def message(self, due: Due, date: dt.datetime) -> Message:
        """One message, whole and guarded. Raises SendingError, SigningError, TemplateError."""
        pdf = built_pdf(self._mailing.workspace, due.row) if due.row else b""
        letter = Letter(draft=due.draft, meeting=due.meeting, pdf=pdf, address=due.address, id=due.id, uid=due.uid, sequence=due.sequence,
                        cancelled=due.purpose is Purpose.CANCELLATION)
        message = compose(letter, self.text(due), self._settings, date=date)
        guard(Suspect(message=message, draft=due.draft, recipient=due.recipient, address=due.address, shared=self._common(due),
                      crowd=self._crowd, provenance=self._mailing.provenance))
        return message

    def _filled(self, due: Due, recipient: Recipient) -> Text:
        if due.purpose not in self._texts:
            name = self._mailing.kind if due.purpose is Purpose.LETTER else str(due.purpose)
            self._texts[due.purpose] = Texts(self._mailing.workspace.templates / "mail", name)
        return self._texts[due.purpose].fill(context(recipient, due.meeting, self._settings, news(due)))

    def _common(self, due: Due) -> str:
        """What stands in every message like this one, whoever gets it."""
        like = (due.draft.meeting, due.purpose, news(due))
        if like not in self._shared:
            # why a paper counts no more was written for one recipient, and may name somebody
            paper = replace(due.paper, reason="") if due.paper else None
            text = self._filled(replace(due, paper=paper), _NOBODY)
            self._shared[like] = f"{text.subject}\n{text.plain}\n{self._settings.office.email}\n{self._settings.mail.reply_to}"
        return self._shared[like]


def news(due: Due) -> News:
    """What a message has to say beyond the meeting itself."""
    if due.purpose is Purpose.CANCELLATION:
        told = Change("Sitzung", "angesetzt", "abgesagt") if due.off else Change("Einladung an Sie", "gültig", "aufgehoben")
        return News(changes=(told,), again=True, off=due.off)
    if due.before is None or due.meeting is None:
        return News(number=due.number, paper=due.paper, again=bool(due.paper and due.purpose is Purpose.LETTER and due.paper.number))
    return News(changes=changes(due.before, due.meeting) if due.purpose is Purpose.LETTER else (), again=True, number=due.number)
