from pipeline.papers import memorandum
from pipeline.papers.draft import Draft
from pipeline.records import Address, PartnerStatus
from tests.makers import alliance, body, membership, partner, person, project, settings


def only(**changes: object) -> Draft:
    [draft] = memorandum.drafts(alliance(**changes))
    return draft


def test_each_partner_with_a_declaration_of_interest_gets_one() -> None:
    partners = (partner("P-001"), partner("P-002", status=PartnerStatus.PARTICIPANT), partner("P-003", status=PartnerStatus.LEFT), partner("P-004"))

    assert [draft.key for draft in memorandum.drafts(alliance(partners=partners))] == ["memorandum/P-001", "memorandum/P-004"]


def test_initiators_sign_in_order_and_the_partner_last() -> None:
    draft = only()

    assert [line.name for line in draft.signatures] == ["stadt", "kammer", "partner"]
    assert [line.label for line in draft.signatures][-1] == "Unterschrift für Brückner & Söhne GmbH"
    assert [party["line"] for party in draft.context["parties"]] == list(draft.signatures)


def test_each_who_signs_for_an_initiator_has_a_line_and_a_field() -> None:
    draft = only(settings=settings(initiators=[{"key": "stadt", "name": "S", "signatories": [{"function": "Leitung"}, {"function": "Kämmerer"}]}]))

    assert [(line.name, line.label) for line in draft.signatures[:2]] == [("stadt", "Unterschrift für S, Leitung"),
                                                                         ("stadt-2", "Unterschrift für S, Kämmerer")]
    assert [[signs["function"] for signs in party["signatories"]] for party in draft.context["parties"][:2]] == [["Leitung"], ["Kämmerer"]]


def test_an_initiator_without_signatory_is_an_open_point_and_has_its_line() -> None:
    draft = only(settings=settings(initiators=[{"key": "led", "name": "Leitstelle"}]))

    assert draft.context["parties"][0]["open"] is True
    assert draft.context["initiators"][0]["signatories"] == ""
    assert draft.signatures[0].name == "led"


def test_it_names_the_partners_own_contacts_and_nobody_elses() -> None:
    draft = only(partners=(partner(), partner("P-002", status=PartnerStatus.PARTICIPANT)),
                 persons=(person(), person("P-001-2", first_name="Kai"), person("P-002", partner="P-002", last_name="Fremd")))

    assert [contact["name"] for contact in draft.context["contacts"]] == ["noch nicht benannt", "Frau Dr. Mia Muster", "Frau Dr. Kai Muster"]
    assert "Fremd" not in repr(draft.context)


def test_a_partner_without_contact_is_reached_by_its_organisation() -> None:
    [_, contact] = only(persons=()).context["contacts"]

    assert contact == {"side": "Brückner & Söhne GmbH", "name": "noch nicht benannt", "function": "",
                       "reach": "+49 231 5550-100, kontakt@brueckner.example"}


def test_projects_topics_and_bodies_are_the_partners() -> None:
    draft = only(projects=(project(), project("J-002", partners=())), bodies=(body(), body("B-02", name="Konsortium")),
                 memberships=(membership(), membership("B-02", partner="P-009")))

    assert [row["key"] for row in draft.context["projects"]] == ["J-001"]
    assert draft.context["bodies"] == [{"name": "Expertenteam Energie", "role": "Mitglied"}]
    assert [topic["name"] for topic in draft.context["topics"]] == ["Energie"]


def test_another_partner_joining_leaves_a_memorandum_as_it_is() -> None:
    newcomer = partner("P-002", attended=())

    [before] = memorandum.drafts(alliance())
    [after, _] = memorandum.drafts(alliance(partners=(partner(), newcomer)))

    assert after == before


def test_a_finding_on_anything_it_shows_holds_it_back() -> None:
    assert set(only(persons=(person(), person("P-001-2"))).records) == {"P-001", "P-001-2", "J-001", "B-01", "energie", "M-001"}


def test_without_projects_and_conference_the_preamble_says_nothing_of_them() -> None:
    bare = settings(alliance={"name": "Bund", "city": "Dortmund", "date": "2017-05-04"})
    context = only(settings=bare, projects=(), meetings=()).context

    assert (context["founding"], context["first_meeting"], context["survey"]) == (None, None, None)


def test_an_address_abroad_ends_with_its_country() -> None:
    abroad = partner(address=Address(street="Markt 1", postcode="7511 AB", city="Enschede", country="Niederlande"))

    assert only(partners=(abroad,)).context["partner"]["address"] == "Markt 1, 7511 AB Enschede, Niederlande"


def test_a_body_in_which_two_of_the_partners_people_sit_is_named_once_with_their_roles() -> None:
    seats = (membership("B-01", role="Leitung"), membership("B-01", person="P-001-2", role="Mitglied"))

    assert only(memberships=seats).context["bodies"] == [{"name": "Expertenteam Energie", "role": "Leitung und Mitglied"}]
