import datetime as dt
import functools
import hashlib
import http.server
import json
import re
import threading
import urllib.request
from typing import Any

import pytest

from pipeline.council.oparl import Document, tree
from pipeline.records import Decision, Outcome
from tests import makers
from tests.council.conftest import word

BASE = "https://oparl.example/"
MANDATORY = {
    "System": {"oparlVersion", "body"}, "Body": {"name", "organization", "person", "meeting", "paper", "legislativeTerm"},
    "Organization": set(), "Meeting": set(), "AgendaItem": {"order"}, "Consultation": set(), "Paper": set(), "File": {"accessUrl"},
}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
DAY = re.compile(r"\d{4}-\d\d-\d\d")


def document(stem: str = "briefing-2017-06", **changes: Any) -> Document:
    values: dict[str, Any] = {"title": "Allianz Musterstadt", "stem": stem, "date": makers.DATE, "docx": word("Der Rat", "beschließt."),
                              "pdf": b"%PDF-1.7"}
    return Document(**values | changes)


def grown(**council: Any) -> dict[str, bytes]:
    settings = makers.settings()
    changed = settings.council.model_copy(update=council)
    return dict(tree(settings.model_copy(update={"council": changed}), document(), [document("pilots-2017-06", title="Anlage 1: Pilotvorschläge")]))


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return grown()


def read(files: dict[str, bytes], path: str) -> Any:
    return json.loads(files[path])


def objects(value: Any) -> list[dict[str, Any]]:
    """Every OParl object, however deep it is embedded."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value] * (isinstance(value, dict) and "type" in value) + [each for item in inner for each in objects(item)]


def every(files: dict[str, bytes]) -> list[dict[str, Any]]:
    return [each for path in files if path.endswith(".json") for each in objects(read(files, path))]


def addresses(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value] if value.startswith(BASE) else []
    return [each for item in (value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()) for each in addresses(item)]


def test_every_object_says_what_it_is_and_when_it_was_made(files):
    for each in every(files):
        kind = each["type"].removeprefix("https://schema.oparl.org/1.1/")
        assert MANDATORY[kind] <= set(each), kind
        assert each["id"].startswith(BASE)
        assert MOMENT.fullmatch(each["created"])
        assert MOMENT.fullmatch(each["modified"])


def test_every_address_resolves_to_a_file_of_the_tree(files):
    named = {address.removeprefix(BASE) for path in files if path.endswith(".json") for address in addresses(read(files, path))}
    assert named <= set(files)
    for path in files:
        if path.endswith(".json") and "id" in read(files, path):
            assert read(files, path)["id"] == BASE + path


def test_optional_fields_without_a_value_are_left_out(files):
    for each in every(files):
        assert not [name for name, value in each.items() if value in (None, "", []) and name != "legislativeTerm"]
    assert "reference" not in read(files, "paper/2017-06-01.json")
    assert read(grown(reference="07852-17"), "paper/2017-06-01.json")["reference"] == "07852-17"


def test_exactly_the_deciding_stage_is_authoritative(files):
    stages = read(files, "paper/2017-06-01.json")["consultation"]
    assert [(stage["role"], stage["authoritative"]) for stage in stages] == [("Empfehlung", False), ("Beschluss", True)]
    for stage in stages:
        meeting = read(files, stage["meeting"].removeprefix(BASE))
        assert meeting["organization"] == stage["organization"]
        [item] = meeting["agendaItem"]
        assert item["id"] == stage["agendaItem"]
        assert item["consultation"] == stage["id"]


def test_the_pdf_is_derived_from_the_word_file(files):
    paper = read(files, "paper/2017-06-01.json")
    main = paper["mainFile"]
    assert (main["mimeType"], main["fileName"]) == ("application/pdf", "briefing-2017-06.pdf")
    master = read(files, main["masterFile"].removeprefix(BASE))
    assert master["mimeType"].endswith("wordprocessingml.document")
    assert master["derivativeFile"] == [main["id"]]
    assert [file["name"] for file in paper["auxiliaryFile"]] == ["Anlage 1: Pilotvorschläge"]


def test_files_come_with_size_hash_and_text(files):
    main = read(files, "paper/2017-06-01.json")["mainFile"]
    data = files[main["accessUrl"].removeprefix(BASE)]
    assert (main["size"], main["sha512Checksum"]) == (len(data), hashlib.sha512(data).hexdigest())
    assert main["text"] == "Der Rat\nbeschließt."
    assert DAY.fullmatch(main["date"])


def test_back_references_stand_only_where_an_object_stands_alone(files):
    paper = read(files, "paper/2017-06-01.json")
    assert "paper" not in paper["mainFile"]
    assert "paper" not in paper["consultation"][0]
    assert read(files, paper["mainFile"]["id"].removeprefix(BASE))["paper"] == [paper["id"]]
    assert read(files, paper["consultation"][0]["id"].removeprefix(BASE))["paper"] == paper["id"]


def test_times_carry_the_offset_of_berlin_in_summer_and_winter(files):
    assert read(files, "system.json")["created"] == "2017-05-04T00:00:00+02:00"
    settings = makers.settings()
    winter = tree(settings, document(date=dt.date(2017, 12, 1)), [])
    assert json.loads(winter["system.json"])["created"] == "2017-12-01T00:00:00+01:00"


def test_the_base_address_is_the_offices_own_with_or_without_a_slash():
    for base in ("https://ris.stadt.example/oparl", "https://ris.stadt.example/oparl/"):
        assert read(grown(oparl_base=base), "system.json")["id"] == "https://ris.stadt.example/oparl/system.json"


def test_a_paper_without_a_route_names_no_consultation():
    files = grown(route=())
    assert "consultation" not in read(files, "paper/2017-06-01.json")
    assert read(files, "meetings.json")["data"] == []


def test_two_bodies_may_meet_on_one_day():
    settings = makers.settings()
    first, last = settings.council.route
    files = grown(route=(first.model_copy(update={"date": last.date}), last))
    assert len([path for path in files if path.startswith("meeting/")]) == 2


def test_the_same_submission_gives_the_same_bytes(files):
    assert grown() == files


# Properties of the specification's schema, version 1.1, with the sort of value each holds; for the objects the tree knows.
URL, TEXT, DATE, TIME, NUMBER, TRUTH, URLS, TEXTS = "url", "text", "date", "time", "number", "truth", "urls", "texts"
EVERYWHERE = {"id": URL, "type": URL, "created": TIME, "modified": TIME, "name": TEXT, "license": URL, "keyword": TEXTS, "web": URL, "deleted": TRUTH}
SCHEMA = {
    "System": {"oparlVersion": URL, "otherOparlVersions": URLS, "body": URL, "contactEmail": TEXT, "contactName": TEXT, "website": URL,
               "vendor": URL, "product": URL},
    "Body": {"system": URL, "shortName": TEXT, "website": URL, "ags": TEXT, "rgs": TEXT, "organization": URL, "person": URL, "meeting": URL,
             "paper": URL, "legislativeTerm": [], "agendaItem": URL, "consultation": URL, "file": URL, "locationList": URL,
             "legislativeTermList": URL, "membership": URL, "classification": TEXT},
    "Organization": {"body": URL, "membership": URLS, "meeting": URL, "consultation": URL, "shortName": TEXT, "post": TEXTS, "subOrganizationOf": URL,
                     "organizationType": TEXT, "classification": TEXT, "startDate": DATE, "endDate": DATE, "website": URL},
    "Meeting": {"meetingState": TEXT, "cancelled": TRUTH, "start": TIME, "end": TIME, "organization": URLS, "participant": URLS,
                "agendaItem": ["AgendaItem"]},
    "AgendaItem": {"meeting": URL, "number": TEXT, "order": NUMBER, "public": TRUTH, "consultation": URL, "result": TEXT, "resolutionText": TEXT,
                   "start": TIME, "end": TIME},
    "Paper": {"body": URL, "reference": TEXT, "date": DATE, "paperType": TEXT, "relatedPaper": URLS, "mainFile": "File", "auxiliaryFile": ["File"],
              "originatorPerson": URLS, "underDirectionOf": URLS, "originatorOrganization": URLS, "consultation": ["Consultation"]},
    "Consultation": {"paper": URL, "agendaItem": URL, "meeting": URL, "organization": URLS, "authoritative": TRUTH, "role": TEXT},
    "File": {"fileName": TEXT, "mimeType": TEXT, "date": DATE, "size": NUMBER, "sha512Checksum": TEXT, "text": TEXT, "accessUrl": URL,
             "downloadUrl": URL, "masterFile": URL, "derivativeFile": URLS, "paper": URLS, "meeting": URLS, "agendaItem": URLS},
}
ORGANIZATION_TYPES = {"Gremium", "Partei", "Fraktion", "Verwaltungsbereich", "externes Gremium", "Institution", "Sonstiges"}


def fits(value: Any, sort: Any) -> bool:
    if isinstance(sort, list):
        return isinstance(value, list) and all(each["type"].rsplit("/", 1)[-1] in sort for each in value)
    if sort in SCHEMA:
        return isinstance(value, dict) and value["type"].endswith(f"/{sort}")
    if sort in (URLS, TEXTS):
        return isinstance(value, list) and len(value) > 0 and all(fits(each, sort[:-1]) for each in value)
    if sort in (NUMBER, TRUTH):
        return type(value) is (int if sort is NUMBER else bool)
    pattern = {URL: r"https://\S+", DATE: DAY, TIME: MOMENT, TEXT: re.compile(r".+", re.DOTALL)}[sort]
    return isinstance(value, str) and bool(re.fullmatch(pattern, value))


def test_every_property_is_one_of_the_schema_and_holds_what_the_schema_says(files):
    decided = grown()
    for each in (*every(files), *every(decided)):
        kind = each["type"].removeprefix("https://schema.oparl.org/1.1/")
        for name, value in each.items():
            if not name.startswith("gremium:"):
                sort = (EVERYWHERE | SCHEMA[kind])[name]
                assert fits(value, sort), (kind, name, value)
        assert each.get("organizationType", "Sonstiges") in ORGANIZATION_TYPES


def test_lists_are_paged_as_the_specification_wants(files):
    for name in ("bodies", "organizations", "persons", "meetings", "papers"):
        listed = read(files, f"{name}.json")
        assert set(listed) == {"data", "links", "pagination"}
        assert listed["pagination"]["totalElements"] == len(listed["data"])
        assert listed["links"]["self"] == f"{BASE}{name}.json"


def test_after_the_session_the_agenda_item_says_what_was_decided():
    decision = Decision(session=dt.date(2017, 6, 1), body="Rat", outcome=Outcome.AMENDED, amendments=("Auf ein Jahr befristet.",))
    files = dict(tree(makers.settings(), document(), [], decision))
    items = [each for each in every(files) if each["type"].endswith("AgendaItem")]
    assert {each.get("result") for each in items} == {None, "Geändert beschlossen"}
    assert {each.get("resolutionText") for each in items} == {None, "Auf ein Jahr befristet."}


def test_a_static_server_answers_every_address_of_the_tree(files, tmp_path):
    for path, data in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    handler.log_message = lambda *_: None
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_port}/"
        seen, waiting = set(), ["system.json"]
        while waiting:
            path = waiting.pop()
            seen.add(path)
            with urllib.request.urlopen(base + path) as answer:
                data = answer.read()
            if path.endswith(".json"):
                named = {address.removeprefix(BASE) for address in addresses(json.loads(data))}
                waiting += [each for each in named if each not in seen and each not in waiting]
        server.shutdown()
    assert seen == set(files)
