"""German as offices write it."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import wording
from pipeline.records import Address, Gender, Person
from tests.makers import partner, person

GOLDEN = Path(__file__).parent / "golden" / "wording.txt"
MALE, FEMALE, DIVERSE = Gender.MALE, Gender.FEMALE, Gender.DIVERSE

# gender, title, first name, last name, function
PEOPLE = (
    (FEMALE, "", "Mia", "Muster", ""),
    (MALE, "", "Kai", "Muster", ""),
    (FEMALE, "Dr.", "Mia", "Muster", ""),
    (MALE, "Dr. Dr.", "Kai", "Muster", ""),
    (MALE, "Dr.-Ing.", "Kai", "Muster", ""),
    (FEMALE, "Dr. med.", "Mia", "Muster", ""),
    (MALE, "Dr. h. c.", "Kai", "Muster", ""),
    (MALE, "PD Dr.", "Kai", "Muster", ""),
    (FEMALE, "Prof. Dr.", "Mia", "Muster", ""),
    (MALE, "Prof. Dr.-Ing. Dr. h. c.", "Kai", "Muster", "Rektor"),
    (FEMALE, "Dipl.-Ing.", "Mia", "Muster", ""),
    (MALE, "M. A.", "Kai", "Muster", ""),
    (FEMALE, "Dr., LL.M. (Leiden)", "Mia", "Muster", ""),
    (MALE, "B. Sc.", "Kai", "Muster", ""),
    (FEMALE, "", "Mia", "von der Heide", ""),
    (MALE, "Dr.", "Carl", "Freiherr von Berg", ""),
    (MALE, "Dr. Graf", "Carl", "von Berg", ""),
    (MALE, "Dr.", "Kai", "Muster", "Oberbürgermeister der Stadt Musterstadt"),
    (FEMALE, "", "Mia", "Muster", "Oberbürgermeister"),
    (FEMALE, "", "Mia", "Muster", "Landrätin"),
    (MALE, "", "Kai", "Muster", "Regierungspräsident"),
    (MALE, "", "Kai", "Muster", "Oberbürgermeister a. D."),
    (MALE, "", "Kai", "Muster", "Büro des Oberbürgermeisters"),
    (None, "", "Kim", "Muster", ""),
    (None, "Prof. Dr.", "Kim", "Muster", ""),
    (DIVERSE, "", "Kim", "Muster", "Oberbürgermeister"),
    (None, "", "", "Muster", ""),
    (None, "Dr.", "", "Muster", ""),
    (MALE, "", "", "Muster", ""),
    (FEMALE, "", "Mia", "", ""),
)


def someone(gender: Gender | None, title: str, first_name: str, last_name: str, function: str) -> Person:
    return person(gender=gender, title=title, first_name=first_name, last_name=last_name, function=function)


def test_persons_are_addressed_as_the_golden_table_says():
    rows = ["Anrede | Anschrift | in Listen"]
    for row in PEOPLE:
        whom = someone(*row)
        line = wording.address_lines(partner(), whom)[1]
        rows.append(f"{wording.salutation(whom)} | {line} | {wording.full_name(whom)}")
    assert "\n".join(rows) + "\n" == GOLDEN.read_text("utf-8")


def test_without_a_person_the_letter_greets_everybody_and_the_address_is_the_organisation():
    assert wording.salutation(None) == "Sehr geehrte Damen und Herren"
    assert wording.address_lines(partner(), None) == ("Brückner & Söhne GmbH", "Hafenstraße 12", "44147 Dortmund")


def test_the_looser_form_keeps_professor_and_doctor_short():
    assert wording.salutation(person(title="Prof. Dr.-Ing."), written_out=False) == "Sehr geehrte Frau Prof. Dr. Muster"


def test_two_people_get_a_line_each_and_the_second_starts_small():
    others = person(gender=MALE, title="", last_name="Adler"), person(gender=None, first_name="Kim", title="")
    assert wording.salutations([person(), *others]) == ("Sehr geehrte Frau Dr. Muster", "sehr geehrter Herr Adler", "guten Tag Kim Muster")


def test_abroad_the_place_is_in_capitals_and_the_country_stands_last():
    address = Address(street="Herengracht 1", postcode="1017 AB", city="Amsterdam", country="Niederlande")
    assert wording.address_lines(partner(department="Vertrieb", address=address), person()) == (
        "Brückner & Söhne GmbH", "Vertrieb", "Frau Dr. Mia Muster", "Herengracht 1", "1017 AB AMSTERDAM", "NIEDERLANDE")


@pytest.mark.parametrize("country", ["", "Deutschland", "DE", "deutschland "])
def test_at_home_no_country_is_written(country: str):
    home = partner(address=Address(street="Weg 1", postcode="01067", city="Dresden", country=country))
    assert wording.address_lines(home, None)[-1] == "01067 Dresden"


def test_dates_and_times_do_not_break_at_their_spaces():
    day = dt.date(2017, 3, 2)
    assert wording.date(day) == "2.\xa0März\xa02017"
    assert wording.weekday_date(day) == "Donnerstag, 2.\xa0März\xa02017"
    assert wording.short_date(day) == "02.03.2017"
    assert wording.time(dt.time(9)) == "09:00\xa0Uhr"
    assert wording.period(dt.time(14), dt.time(16)) == "14:00 bis 16:00\xa0Uhr"
    assert wording.period(dt.time(14), None) == "14:00\xa0Uhr"


def test_numbers_are_exact_and_money_shows_cents_only_where_there_are_some():
    assert [wording.number(value) for value in (0, 1234, Decimal("1234.50"), Decimal("0.123456"))] == ["0", "1.234", "1.234,5", "0,123456"]
    assert wording.euro(Decimal("250000")) == "250.000\xa0€"
    assert wording.euro(Decimal("1234.5")) == "1.234,50\xa0€"


def test_counts_are_digits_unless_an_article_asks_for_words_up_to_twelve():
    assert [wording.count(n, "Projekt", "Projekte") for n in (1, 8)] == ["1\xa0Projekt", "8\xa0Projekte"]
    assert [wording.count(n, "Projekt", "Projekte", article="ein") for n in (0, 1, 12, 13)] == [
        "keine Projekte", "ein Projekt", "zwölf Projekte", "13\xa0Projekte"]
    assert wording.count(0, "Projekt", "Projekten", article="einem") == "keinen Projekten"


def test_a_listing_ends_with_und():
    assert [wording.listing("abc"[:n]) for n in range(4)] == ["", "a", "a und b", "a, b und c"]


def test_names_are_sorted_under_the_main_name_with_umlauts_as_vowels():
    names = ["Zorn", "von der Heide", "Öl", "Graf von Berg", "Ohm", "Graf Bau", "Adler"]
    assert sorted(names, key=wording.sort_key) == ["Adler", "Graf von Berg", "Graf Bau", "von der Heide", "Ohm", "Öl", "Zorn"]


def test_a_slug_is_what_a_file_may_be_called_anywhere():
    assert wording.slug("Brückner & Söhne GmbH") == "brueckner-soehne-gmbh"
    assert wording.slug("Größe u\u0308ber Łódź") == "groesse-ueber-lodz"
    assert wording.slug("Ein sehr langer Name einer Gesellschaft mit Haftung") == "ein-sehr-langer-name-einer-gesellschaft"
    assert wording.slug("&") == ""


@given(st.text())
def test_every_slug_is_plain_ascii_and_small(text: str):
    made = wording.slug(text)
    assert made.isascii()
    assert made == made.lower()
    assert len(made) <= 40
    assert not set(made) - set("abcdefghijklmnopqrstuvwxyz0123456789-")


@given(st.builds(someone, st.sampled_from([None, *Gender]), st.text(), st.text(), st.text(), st.text()))
def test_whatever_the_table_says_the_salutation_is_one_clean_line_of_words(whom: Person):
    words = wording.salutation(whom)
    assert words.startswith(("Sehr geehrte", "Guten Tag"))
    assert words == words.strip()
