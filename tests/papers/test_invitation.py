import datetime as dt

from pipeline.papers import invitation
from pipeline.records import Address, PartnerStatus
from tests.makers import alliance, meeting, membership, partner, person, settings


def letters(**changes: object):
    return list(invitation.drafts(alliance(**changes)))


def test_each_invited_person_gets_a_letter_for_each_meeting_to_come() -> None:
    found = letters(persons=(person(), person("P-001-2")), memberships=(membership(), membership(person="P-001-2")))

    assert [draft.key for draft in found] == ["invitation/M-002/P-001", "invitation/M-002/P-001-2"]


def test_a_meeting_of_the_whole_alliance_invites_all_who_have_not_left() -> None:
    found = letters(partners=(partner(), partner("P-002", status=PartnerStatus.LEFT), partner("P-003")), meetings=(meeting(body=""),))

    assert [draft.recipient.partner for draft in found] == ["P-001", "P-003"]


def test_past_meetings_invite_nobody() -> None:
    assert letters(meetings=(meeting(date=dt.date(2017, 5, 3)),)) == []


def test_the_letter_is_addressed_to_the_person_at_its_organisation() -> None:
    [draft] = letters()

    assert draft.recipient.address == ("Brückner & Söhne GmbH", "Frau Dr. Mia Muster", "Hafenstraße 12", "44147 Dortmund")
    assert draft.recipient.email == "mia.muster@brueckner.example"
    assert draft.context["recipient"]["salutation"] == "Sehr geehrte Frau Dr. Muster"
    assert draft.meeting == "M-002"


def test_without_a_person_the_letter_goes_to_the_organisation() -> None:
    [draft] = letters(persons=())

    assert (draft.recipient.key, draft.recipient.name, draft.recipient.email) == ("P-001", "Brückner & Söhne GmbH", "kontakt@brueckner.example")
    assert draft.recipient.salutation == "Sehr geehrte Damen und Herren"


def test_a_letter_holds_nothing_of_other_recipients() -> None:
    others = (partner(), partner("P-002", name="Andere GmbH", email="post@andere.example"))
    found = letters(partners=others, persons=(person(), person("P-002", partner="P-002", last_name="Anders", email="a@andere.example")),
                    memberships=(membership(), membership(partner="P-002")))

    assert "ander" not in repr(found[0]).lower()


def test_an_address_that_overflows_its_zone_is_not_fit_for_the_post() -> None:
    [long] = letters(partners=(partner(name="Gesellschaft " * 12, department="Abteilung"),))
    [unknown] = letters(partners=(partner(address=Address()),))
    [usual] = letters()

    assert (long.recipient.postable, unknown.recipient.postable, usual.recipient.postable) == (False, False, True)


def test_marks_and_head_follow_the_settings() -> None:
    [draft] = letters(settings=settings(layout={"letterhead": "Bündnis", "fold_marks": False}))

    assert (draft.context["letterhead"], draft.context["fold_marks"]) == ("Bündnis", False)


def test_a_finding_on_meeting_body_partner_or_person_holds_it_back() -> None:
    [draft] = letters(persons=(person("P-001-2", partner="P-001"),), memberships=(membership(person="P-001-2"),))

    assert draft.records == ("P-001", "P-001-2", "M-002", "B-01")


def test_a_second_contact_without_an_address_of_its_own_gets_paper_and_never_the_firsts_mail():
    second = person("P-001-2", partner="P-001", first_name="Ben", last_name="Beispiel", email="")
    [first, other] = letters(persons=(person(), second), memberships=(membership(), membership(person="P-001-2")))
    assert first.recipient.email == "mia.muster@brueckner.example"
    assert other.recipient.email == ""
