"""The alliance: all records of one workspace, and the questions papers ask of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from pipeline.records import (
    Body,
    BodyKind,
    Contact,
    Decision,
    Meeting,
    Membership,
    Outcome,
    Partner,
    PartnerStatus,
    Person,
    Progress,
    Project,
    Submission,
    Topic,
)
from pipeline.settings import Settings

Keyed = TypeVar("Keyed", Partner, Person, Project, Topic, Body, Meeting)


def _by_key(records: Iterable[Keyed]) -> Mapping[str, Keyed]:
    return {record.key: record for record in records}


@dataclass(frozen=True)
class Alliance:
    """Everything the tables say, in the tables' order. Rows with errors are in it as far as they could be read;
    which of them are held back stands in the findings.
    """

    settings: Settings
    partners: tuple[Partner, ...] = ()
    persons: tuple[Person, ...] = ()
    projects: tuple[Project, ...] = ()
    topics: tuple[Topic, ...] = ()
    bodies: tuple[Body, ...] = ()
    memberships: tuple[Membership, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    progress: Progress | None = None            # of the memoranda, as last counted; None: never counted
    former: Submission | None = None            # the last one before this session
    decisions: tuple[Decision, ...] = ()        # of former sessions and of this one, the latest last
    erased: Mapping[str, Person] = field(default_factory=dict)    # people who stand in no paper any more, by key: as far as their rows still tell

    # by key

    @cached_property
    def partner(self) -> Mapping[str, Partner]:
        """Partners by key."""
        return _by_key(self.partners)

    @cached_property
    def person(self) -> Mapping[str, Person]:
        """Persons by key."""
        return _by_key(self.persons)

    @cached_property
    def project(self) -> Mapping[str, Project]:
        """Projects by key."""
        return _by_key(self.projects)

    @cached_property
    def topic(self) -> Mapping[str, Topic]:
        """Topics by key."""
        return _by_key(self.topics)

    @cached_property
    def body(self) -> Mapping[str, Body]:
        """Bodies by key."""
        return _by_key(self.bodies)

    @cached_property
    def meeting(self) -> Mapping[str, Meeting]:
        """Meetings by key."""
        return _by_key(self.meetings)

    # who is who

    @cached_property
    def _contacts(self) -> Mapping[str, tuple[Person, ...]]:
        found: dict[str, list[Person]] = {}
        for person in self.persons:
            found.setdefault(person.partner, []).append(person)
        return {key: tuple(persons) for key, persons in found.items()}

    def contacts(self, partner: str) -> tuple[Person, ...]:
        """The contacts of a partner, the first one first."""
        return self._contacts.get(partner, ())

    @cached_property
    def silent(self) -> frozenset[str]:
        """Keys of people who get nothing: they were erased, or object to being written to."""
        return frozenset(self.erased) | {person.key for person in self.persons if person.contact is not Contact.YES}

    @property
    def unwanted(self) -> frozenset[str]:
        """Addresses, in small letters, of those who get nothing."""
        silent = (*self.erased.values(), *(person for person in self.persons if person.contact is not Contact.YES))
        return frozenset(person.email.casefold() for person in silent if person.email)

    def signatory(self, partner: str) -> Person | None:
        """Who signs for a partner: the one marked so, else nobody is known."""
        return next((person for person in self.contacts(partner) if person.signs), None)

    # counts and lists, each from rows

    @property
    def interested(self) -> tuple[Partner, ...]:
        """Partners who have declared their interest; each gets a memorandum."""
        return tuple(partner for partner in self.partners if partner.status is PartnerStatus.INTEREST)

    def present(self, meeting: str) -> tuple[Partner, ...]:
        """Partners who were present at a meeting."""
        return tuple(partner for partner in self.partners if meeting in partner.attended)

    @property
    def local_projects(self) -> tuple[Project, ...]:
        """Projects carried out in or planned for the alliance's own city."""
        return tuple(project for project in self.projects if project.local)

    @property
    def projects_elsewhere(self) -> tuple[Project, ...]:
        """Projects carried out elsewhere that could be carried over."""
        return tuple(project for project in self.projects if not project.local and project.transferable)

    @property
    def pilots(self) -> tuple[Project, ...]:
        """Projects proposed to the council as pilots."""
        return tuple(project for project in self.projects if project.pilot)

    def decided(self, pilot: str) -> Decision | None:
        """The last decision on a pilot before this session; None while it is still a proposal."""
        council = self.settings.council
        return next((decision for decision in reversed(self.decisions)
                     if pilot in decision.pilots and (council is None or decision.session < council.session)), None)

    @property
    def proposals(self) -> tuple[Project, ...]:
        """Pilots that the council is asked about: those not decided yet, and those it put off."""
        return tuple(pilot for pilot in self.pilots if (decision := self.decided(pilot.key)) is None
                     or decision.pilots[pilot.key] is Outcome.POSTPONED)

    @property
    def seeking(self) -> tuple[Project, ...]:
        """Projects that look for partners."""
        return tuple(project for project in self.projects if project.seeks)

    def bodies_of(self, kind: BodyKind) -> tuple[Body, ...]:
        """Bodies of one kind."""
        return tuple(body for body in self.bodies if body.kind is kind)

    def projects_of(self, partner: str) -> tuple[Project, ...]:
        """Projects a partner takes part in."""
        return tuple(project for project in self.projects if partner in project.partners)

    def projects_on(self, topic: str) -> tuple[Project, ...]:
        """Projects of one topic."""
        return tuple(project for project in self.projects if project.topic == topic)

    @cached_property
    def _seats(self) -> Mapping[str, tuple[Membership, ...]]:
        found: dict[str, list[Membership]] = {}
        for seat in self.memberships:
            found.setdefault(seat.body, []).append(seat)
        return {key: tuple(seats) for key, seats in found.items()}

    def seats(self, body: str) -> tuple[Membership, ...]:
        """The seats of one body, in the order of the table."""
        return self._seats.get(body, ())

    def bodies_with(self, partner: str) -> tuple[tuple[Body, Membership], ...]:
        """The bodies a partner sits in, each with its seat."""
        return tuple((self.body[seat.body], seat) for seat in self.memberships
                     if seat.partner == partner and seat.body in self.body)

    def upcoming(self) -> tuple[Meeting, ...]:
        """Meetings on or after the date the papers carry, by date and time; not those that were cancelled."""
        return tuple(sorted((meeting for meeting in self.meetings if meeting.date >= self.settings.alliance.date and not meeting.cancelled),
                            key=lambda meeting: (meeting.date, meeting.start, meeting.key)))

    def invited(self, meeting: Meeting) -> tuple[tuple[Partner, Person | None], ...]:
        """Whom a meeting's invitation goes to: every seat of its body, or every partner for a meeting of the whole
        alliance; each once, and None where a partner has no contact (then the letter goes to the organisation). Nobody who is
        not to be written to: another contact takes the place of a partner's first, else the seat gets no letter.
        """
        if meeting.body:
            seats = ((seat.partner, seat.person) for seat in self.seats(meeting.body))
        else:
            seats = ((partner.key, "") for partner in self.partners if partner.status is not PartnerStatus.LEFT)
        found: dict[tuple[str, str], tuple[Partner, Person | None]] = {}
        for partner_key, person_key in seats:
            partner = self.partner.get(partner_key)
            if partner is None or partner.status is PartnerStatus.LEFT:
                continue
            reachable = (contact for contact in self.contacts(partner_key) if contact.key not in self.silent)
            person = self.person.get(person_key) if person_key else next(reachable, None)
            if (person_key or (person.key if person else partner.key)) in self.silent:
                continue
            found.setdefault((partner.key, person.key if person else ""), (partner, person))
        return tuple(found.values())
