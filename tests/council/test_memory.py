import datetime as dt

import pytest

from pipeline.conclusion import note_countersigned
from pipeline.council.memory import count, note_progress, note_submission, recalled, submission
from pipeline.council.result import AmendmentMissing, NothingSubmitted, NotProposed, VotesBelowZero, decide
from pipeline.council.trace import trace
from pipeline.ledger import IssueRow, MessageRow, ReturnRow, SignatureRow
from pipeline.papers import kinds
from pipeline.records import Decision, Outcome, ProjectStatus
from tests import makers
from tests.council.conftest import NOW, Office

JUNE, AUTUMN = dt.date(2017, 6, 1), dt.date(2017, 10, 5)
DAY = dt.date(2017, 5, 4)


def autumn(**changes):
    council = {"body": "Rat der Stadt Dortmund", "session": AUTUMN, "subject": "Allianz Musterstadt, zweiter Sachstand"}
    return makers.alliance(settings=makers.settings(council=council), **changes)


def decided(**changes):
    return Decision(**{"session": JUNE, "body": "Rat", "outcome": Outcome.ADOPTED} | changes)


@pytest.fixture
def submitted_office(tmp_path):
    office = Office(tmp_path)
    office.alliance = makers.alliance(settings=office.alliance.settings, projects=(
        makers.project(pilot=True, body="B-02"), makers.project("J-002", pilot=True), makers.project("J-003")))
    note_submission(office.ledger, submission(office.alliance), NOW)
    yield office
    office.ledger.close()


def test_the_memoranda_are_counted_from_the_ledger(office):
    row = office.ledger.documents()["memorandum/P-001"]
    for number, field in enumerate(("stadt", "kammer"), 1):
        office.ledger.signed(SignatureRow(key=row.key, revision=1, field=field, signer="CN", path="x", base_sha256=row.pdf_sha256,
                                          sha256=str(number), signed_at="2017-05-04T10:00:00Z"), NOW)
    office.ledger.frozen([MessageRow(id="m1", key=row.key, kind="memorandum", pdf_sha256=row.pdf_sha256, path="x", sha256="x", state="frozen",
                                     attempts=0, reply="", changed_at="")], NOW)
    before = count(office.drafts, office.ledger, DAY)
    assert (before.prepared, before.sent, before.begun, before.signed) == ((row.key,), (), (row.key,), ())

    office.ledger.settle("m1", "sent", NOW)
    office.ledger.signed(SignatureRow(key=row.key, revision=1, field="partner", signer="CN", path="x", base_sha256=row.pdf_sha256,
                                      sha256="3", signed_at="2017-05-04T10:00:00Z"), NOW)
    after = count(office.drafts, office.ledger, DAY)
    assert (after.sent, after.signed) == ((row.key,), (row.key,))


def test_a_signature_on_an_older_revision_does_not_count(office):
    row = office.ledger.documents()["memorandum/P-001"]
    office.ledger.signed(SignatureRow(key=row.key, revision=1, field="stadt", signer="CN", path="x", base_sha256="other",
                                      sha256="1", signed_at="2017-05-04T10:00:00Z"), NOW)
    assert count(office.drafts, office.ledger, DAY).begun == ()


def test_signatures_that_somebody_confirmed_on_paper_count_like_those_in_the_file(office):
    row = office.ledger.documents()["memorandum/P-001"]
    scan = ReturnRow(sha256="a" * 64, name="scan.pdf", origin="scan", key=row.key, revision=1, state="to-confirm", answers={}, sentence="",
                     path="outputs/returned/a.pdf", received_at="2017-05-04T10:00:00Z")
    office.ledger.returned(scan, NOW)
    assert counted(office) == ((), ())
    office.ledger.confirm(scan, "K. Muster", NOW)
    assert counted(office) == ((row.key,), ())
    note_countersigned(office.ledger, row, "K. Muster", NOW)
    assert counted(office) == ((row.key,), (row.key,))
    office.build(revision=2)
    assert counted(office) == ((), ())


def test_the_partners_signature_on_paper_completes_those_in_the_file_and_the_figure_names_its_rows(office):
    row = office.ledger.documents()["memorandum/P-001"]
    for field in ("stadt", "kammer"):
        office.ledger.signed(SignatureRow(key=row.key, revision=1, field=field, signer="CN", path="x", base_sha256=row.pdf_sha256, sha256=field,
                                          signed_at="2017-05-04T10:00:00Z"), NOW)
    office.ledger.returned(ReturnRow(
        sha256="a" * 64, name="scan.pdf", origin="scan", key=row.key, revision=1, state="accepted", answers={}, sentence="",
        path="outputs/returned/a.pdf", received_at="2017-05-04T10:00:00Z", confirmed_by="K. Muster", confirmed_at="2017-05-05T10:00:00Z"), NOW)
    note_progress(office.ledger, count(office.drafts, office.ledger, DAY), NOW)
    told = recalled(office.alliance, office.ledger)
    [figure] = trace(told, kinds.drafts(told, ["briefing"])[0], "memoranda.steps.5.count")
    assert (figure.figure.text, [line.key for line in figure.rows]) == ("1", [row.key])


def counted(office):
    progress = count(office.drafts, office.ledger, DAY)
    return progress.begun, progress.signed


def test_the_paper_says_how_far_the_memoranda_are_only_after_somebody_counted(office):
    [silent] = [draft for draft in office.drafts if draft.kind == "briefing"]
    assert silent.context["memoranda"] is None

    assert note_progress(office.ledger, count(office.drafts, office.ledger, DAY), NOW)
    assert not note_progress(office.ledger, count(office.drafts, office.ledger, DAY), NOW)
    told = kinds.drafts(recalled(office.alliance, office.ledger), ["briefing"])[0]
    assert told.context["memoranda"]["day"] == "4.\u00a0Mai\u00a02017"
    assert [(step["name"], step["count"]) for step in told.context["memoranda"]["steps"]][:2] == [("vorbereitet", "1"), ("versandt", "keines")]


def test_a_memorandum_given_out_by_hand_or_post_counts_as_sent(office):
    [key] = [draft.key for draft in office.drafts if draft.kind == "memorandum"][:1]
    out = IssueRow(key=key, revision=1, base_sha256="0" * 64, sha256="1" * 64, path="outputs/a.pdf", way="post", issued_at="2017-05-03T08:00:00Z")
    office.ledger.issue([out], NOW)
    assert count(office.drafts, office.ledger, DAY).sent == (key,)
    [given] = office.ledger.issues()[key]
    office.ledger.withdraw(given, "falsch", NOW)
    assert count(office.drafts, office.ledger, DAY).sent == ()


def test_a_second_report_says_what_has_changed_since_the_first(submitted_office):
    later = autumn(
        partners=(makers.partner(), makers.partner("P-002", name="Neue Werke AG")),
        projects=(makers.project(status=ProjectStatus.DONE, pilot=True), makers.project("J-002", pilot=True), makers.project("J-004", title="Neues")))
    former = kinds.drafts(recalled(later, submitted_office.ledger), ["briefing"])[0].context["former"]

    rows = {row["name"]: (row["before"], row["now"], row["change"]) for row in former["rows"]}
    assert former["session"] == "1.\u00a0Juni\u00a02017"
    assert rows["Organisationen in der Allianz"] == ("1", "2", "+1")
    assert rows["Projekte der Erhebung"] == ("3", "3", "unverändert")
    assert rows["davon laufend"] == ("3", "2", "−1")
    assert rows["Memoranden, versandt"] == ("nicht gezählt", "nicht gezählt", "–")
    assert former["joined"] == ["Neue Werke AG"]
    assert [project["key"] for project in former["reported"]] == ["J-004"]
    assert [(project["before"], project["now"]) for project in former["moved"]] == [("laufend", "abgeschlossen")]


def test_the_first_report_has_no_former_one_to_compare_with(submitted_office):
    assert recalled(submitted_office.alliance, submitted_office.ledger).former is None


def test_a_decision_carries_the_pilots_into_the_next_report_and_out_of_the_proposals(submitted_office):
    decision, new = decide(submitted_office.ledger, decided(ayes=61, noes=20, pilots={"J-002": Outcome.POSTPONED}), NOW)
    assert new
    assert decision.pilots == {"J-001": Outcome.ADOPTED, "J-002": Outcome.POSTPONED}

    later = recalled(autumn(projects=submitted_office.alliance.projects), submitted_office.ledger)
    context = kinds.drafts(later, ["briefing"])[0].context
    assert [(pilot["key"], pilot["state"]) for pilot in context["decided"]] == [("J-001", "beauftragt"), ("J-002", "vertagt")]
    assert [pilot["key"] for pilot in context["pilots"]] == ["J-002"]      # put off: the council is asked again


def test_a_decision_changes_no_paper_of_its_own_session(submitted_office):
    before = kinds.drafts(recalled(submitted_office.alliance, submitted_office.ledger), ["briefing"])
    decide(submitted_office.ledger, decided(), NOW)
    assert kinds.drafts(recalled(submitted_office.alliance, submitted_office.ledger), ["briefing"]) == before


def test_the_consortium_of_each_pilot_gets_an_excerpt_of_the_decision(submitted_office):
    decide(submitted_office.ledger, decided(outcome=Outcome.AMENDED, ayes=61, noes=1, amendments=("Auf ein Jahr befristet.",)), NOW)
    known = recalled(makers.alliance(
        settings=submitted_office.alliance.settings, projects=submitted_office.alliance.projects,
        bodies=(makers.body(), makers.body("B-02", name="Konsortium Wärme", contact="")),
        memberships=(makers.membership("B-02", role="Leitung"),)), submitted_office.ledger)
    [letter] = kinds.drafts(known, ["excerpt"])

    assert letter.key == "excerpt/2017-06/J-001"
    assert letter.context["recipient"]["salutation"] == "Sehr geehrte Frau Dr. Muster"
    assert letter.context["consortium"] == "Konsortium Wärme"
    assert letter.context["decision"]["votes"] == "61 Ja-Stimmen, 1 Nein-Stimme"
    assert letter.context["decision"]["amendments"] == ["Auf ein Jahr befristet."]


@pytest.mark.parametrize(("said", "error"), [
    ({"session": AUTUMN}, NothingSubmitted), ({"pilots": {"J-003": Outcome.REJECTED}}, NotProposed),
    ({"outcome": Outcome.AMENDED}, AmendmentMissing), ({"noes": -1}, VotesBelowZero)])
def test_a_decision_that_cannot_be_is_refused_and_nothing_is_kept(submitted_office, said, error):
    with pytest.raises(error) as caught:
        decide(submitted_office.ledger, decided(**said), NOW)
    assert caught.value.exit_code == 2
    assert caught.value.hint
    assert recalled(submitted_office.alliance, submitted_office.ledger).decisions == ()


def test_the_same_decision_twice_is_kept_once_and_a_corrected_one_replaces_it(submitted_office):
    assert decide(submitted_office.ledger, decided(), NOW)[1]
    assert not decide(submitted_office.ledger, decided(), NOW)[1]
    assert decide(submitted_office.ledger, decided(outcome=Outcome.REJECTED), NOW)[1]
    [kept] = recalled(submitted_office.alliance, submitted_office.ledger).decisions
    assert kept.outcome is Outcome.REJECTED
