"""The page as a person meets it, in a real browser."""

import re
from itertools import pairwise

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from pipeline.findings import Finding, Severity
from pipeline.records import Place
from pipeline.report.listing import SLICE
from tests import makers
from tests.report.views import alliance, document, made, many, message, step, view

ERROR = Finding(place=Place(file="partners.xlsx", sheet="Partner", row=17, column="PLZ", cell="F17"), rule="postcode",
                message="„4413“ ist keine deutsche Postleitzahl", hint="Fünf Ziffern eintragen.", value="4413")
FINDINGS = (ERROR, Finding(place=Place(file="poster.docx"), rule="unused", message="Zwei Felder fehlen", severity=Severity.NOTE))


def papers(page):
    return page.locator("[data-rows=papiere] tr")


def told(page, section="papiere"):
    return page.locator(f"[data-tools={section}] [role=status]")


# finding things


def test_a_word_finds_its_papers_and_the_count_is_told_aloud(opened):
    page = opened(made())
    page.get_by_role("search", name="Papiere").get_by_label("Suchen").fill("brucke")
    expect(papers(page)).to_have_count(1)
    expect(papers(page)).to_contain_text("Brücke & Töchter AG")
    expect(told(page)).to_have_text("1 von 4 Papiere")
    assert told(page).get_attribute("aria-live") == "polite"


def test_two_selections_must_both_fit_and_all_come_back(opened):
    page = opened(made())
    tools = page.get_by_role("search", name="Papiere")
    tools.get_by_label("Art").select_option("Memorandum")
    tools.get_by_label("Stand").select_option("veraltet")
    expect(papers(page)).to_have_count(1)
    tools.get_by_role("button", name="Alles zeigen").click()
    expect(papers(page)).to_have_count(4)


def test_what_is_to_be_done_leads_to_its_papers(opened):
    page = opened(made())
    page.get_by_role("link", name="1 × Papiere erstellen").click()
    expect(papers(page)).to_have_count(1)
    expect(papers(page)).to_contain_text("memorandum/P-002")
    assert page.url.endswith("#papiere")


def test_a_reason_stands_beside_the_stale_paper(opened):
    page = opened(made(alliance=alliance(settings=makers.settings(report={"persons": True}))))
    expect(papers(page).nth(1)).to_contain_text("partner.name: „Brug“ → „Brücke“")


def test_long_lists_are_turned_over(opened):
    page = opened(made(many(60)))
    expect(papers(page)).to_have_count(SLICE)
    pager = page.get_by_role("group", name="Papiere blättern")
    pager.get_by_role("button", name="Weiter").click()
    pager.get_by_role("button", name="Weiter").click()
    expect(papers(page)).to_have_count(60 - 2 * SLICE)
    expect(pager).to_contain_text("Seite 3 von 3")
    expect(pager.get_by_role("button", name="Weiter")).to_be_disabled()
    assert page.evaluate("document.activeElement.textContent") == "Zurück"


def test_ten_thousand_papers_are_searched_to_the_last(opened):
    page = opened(made(many(10_000)))
    page.get_by_role("search", name="Papiere").get_by_label("Suchen").fill("p-09999")
    expect(told(page)).to_have_text("1 von 10.000 Papiere")
    page.get_by_role("search", name="Papiere").get_by_label("Suchen").fill("feld2")
    expect(told(page)).to_have_text("1.429 von 10.000 Papiere")
    assert papers(page).count() == SLICE


def test_unknown_messages_stand_on_top(opened):
    keys = [f"invitation/M-002/P-00{n}" for n in range(1, 4)]
    page = opened(made(messages=[message(keys[0]), message(keys[1], "unknown"), message(keys[2], "failed")]))
    states = page.locator("[data-rows=versand] .state").all_text_contents()
    assert states == ["Verbleib unklar", "gescheitert", "versandt"]
    expect(page.locator("#versand .notice")).to_contain_text("gremium resolve")


def test_findings_lie_by_file_and_can_be_narrowed(opened):
    page = opened(made(findings=FINDINGS))
    assert page.locator("#befunde summary h3").all_text_contents() == ["partners.xlsx", "poster.docx"]
    expect(page.locator("#befunde")).to_contain_text("Blatt „Partner“ Zelle F17 (PLZ)")
    page.get_by_role("search", name="Befunde").get_by_label("Gewicht").select_option("Fehler")
    expect(page.locator("#befunde details:visible")).to_have_count(1)


def test_the_gallery_shows_the_topics_that_have_what_is_looked_for(opened):
    page = opened(made())
    assert page.locator(".wall h3").all_inner_texts() == ["Energie 2 Projekte", "Wege 1 Projekt"]
    page.get_by_role("search", name="Projekte").get_by_label("Suchen").fill("bahn")
    expect(page.locator(".wall:visible")).to_have_count(1)
    expect(told(page, "galerie")).to_have_text("1 von 3 Projekte")


# for everybody


PAGES = {
    "usual": lambda: made(findings=FINDINGS), "long": lambda: made(many(60)),
    "empty": lambda: made((), (), alliance=makers.alliance(partners=(), persons=(), projects=(), topics=(), bodies=(), memberships=(), meetings=()),
                          steps=()),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["usual", *(pytest.param(name, marks=pytest.mark.slow) for name in PAGES if name != "usual")])
def test_the_audit_of_accessibility_finds_nothing(opened, name, scheme):
    page = opened(PAGES[name](), color_scheme=scheme)
    for details in page.locator("details").all():
        details.evaluate("fold => fold.open = true")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_the_audit_finds_nothing_on_a_telephone(opened):
    page = opened(made(findings=FINDINGS), width=400)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == 400


def test_the_keyboard_alone_reaches_everything_in_order_and_shows_where_it_is(opened):
    page = opened(made(findings=FINDINGS))
    every = page.evaluate("""() => [...document.querySelectorAll('a[href], button:enabled, input:not([type=radio]), select, summary')]
        .filter(each => each.checkVisibility({visibilityProperty: true})).map((each, place) => each.dataset.place = String(place))""")
    reached = []
    for _ in range(len(every) + 1):      # one more: light and dark are one stop for all three
        page.keyboard.press("Tab")
        place, outline = page.evaluate("[document.activeElement.dataset.place, getComputedStyle(document.activeElement).outlineStyle]")
        if place is not None:
            reached.append(place)
            assert outline != "none", page.evaluate("document.activeElement.outerHTML")
    assert reached == every


def test_the_first_key_offers_the_way_past_the_head(opened):
    page = opened(made())
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Zum Inhalt")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


def test_selections_work_by_keys_alone(opened):
    page = opened(made())
    page.get_by_role("search", name="Papiere").get_by_label("Suchen").focus()
    page.keyboard.type("briefing")
    expect(papers(page)).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(papers(page)).to_have_count(4)


def test_landmarks_language_and_headings_are_there(opened):
    page = opened(made())
    assert page.get_attribute("html", "lang") == "de"
    for role in ("banner", "navigation", "main", "contentinfo"):
        expect(page.get_by_role(role)).to_have_count(1)
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(each => +each.tagName[1])")
    assert levels[0] == 1 and all(next_ <= one + 1 for one, next_ in pairwise(levels))


def test_pictures_say_their_figures_and_charts_have_a_table(opened):
    page = opened(made())
    expect(page.locator("svg.way title").first).to_contain_text("unterschrieben 0 von 2")
    rows = page.locator("#t-projekte tbody tr")
    assert rows.all_text_contents() == ["Energie2002", "Wege1001"]


def test_light_and_dark_follow_the_device_until_somebody_chooses(opened):
    page = opened(made(), color_scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(ground)
    page.get_by_text("hell", exact=True).click()
    light = page.evaluate(ground)
    page.reload()
    assert (dark, light, page.evaluate(ground)) == ("rgb(16, 23, 28)", "rgb(246, 248, 249)", light)


def test_who_wants_little_motion_gets_none(opened):
    page = opened(made(), reduced_motion="reduce")
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


def test_without_script_the_overview_and_the_beginning_of_each_list_stand_there(opened):
    page = opened(made(many(60)), java_script_enabled=False)
    expect(page.locator("svg.way.wide")).to_be_visible()
    expect(papers(page)).to_have_count(SLICE)
    expect(page.locator("#papiere .cut")).to_have_text("Die ersten 25 von 60; mit eingeschaltetem Skript alle.")
    expect(page.locator(".tools").first).to_be_hidden()


# on paper


def test_print_shows_all_that_is_selected_and_no_controls(opened, tmp_path):
    page = opened(made(many(60)))
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(papers(page)).to_have_count(60)
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.locator(".tools").first).to_be_hidden()
    expect(page.get_by_role("navigation")).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(papers(page)).to_have_count(SLICE)
    assert page.pdf(format="A4").startswith(b"%PDF")


# nothing gets in or out


def test_the_file_names_no_address_in_any_network_and_allows_none():
    text = made(findings=FINDINGS).decode()
    assert not re.search(r"(?i)(https?:|//[a-z]|@import|url\((?!#))", re.sub(r"(?m)^\s*//.*$", "", text))
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy and policy[1].startswith("default-src &#39;none&#39;;") and "unsafe" not in policy[1]


HOSTILE = ('</script><script>document.title="x"</script>', '"><img src=x onerror="document.title=1">', "{{ 7*7 }} {% raw %}", "\u202eRTL\u202c שלום",
           "'; DROP TABLE", "Langerfirmenname" * 40, "\u2028\u2029\x00")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_text_and_nothing_else(opened, name):
    partner = makers.partner(name=name)
    projects = (makers.project(title=name, carrier=name, summary=name, seeks=name),)
    topics = (makers.topic(name=name, colour="red;}*{display:none", summary=name),)
    page = opened(made((document(subject=name, reasons=(name,), state="stale"), document("poster/J-001", failure=name, pdf=f"outputs/{name}.pdf")),
                       (message(reply=name),), alliance=alliance(partners=(partner,), projects=projects, topics=topics),
                       findings=(Finding(place=Place(file=name), rule="r", message=name, hint=name),),
                       steps=(step(what=name, command=name),)), width=400)
    assert page.title().startswith("Stand der Papiere")
    page.get_by_role("search", name="Papiere").get_by_label("Stand").select_option("veraltet")
    expect(papers(page)).to_have_count(1)
    assert page.locator("img, iframe, main script:not([type])").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") == 400
    if "\x00" not in name:
        assert name.split()[0] in page.locator(".card h4").first.evaluate("each => each.textContent")


def test_the_same_state_of_things_gives_the_same_bytes():
    assert made() == made() and b"\r" not in made()


def test_one_rule_draws_the_first_slice_and_the_data_beside_it():
    text = made().decode()
    rows = re.search(r'data-rows="papiere">(.*?)</tbody>', text, re.S)
    assert rows and rows[1].count("<tr") == 4 == len(view().status.documents)
