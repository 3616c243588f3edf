"""How fast, when, and how patiently messages leave."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from pipeline.mail.pace import OutsideHours, within
from pipeline.mail.post import Deferred, Go, InDoubt, Outgoing, Receipt, Scope, Unreachable
from pipeline.mail.send import send
from pipeline.mail.smtp import Smtp
from tests import makers
from tests.mail.conftest import NOW, House, Mailbox, recipient, served

PAUSES = (60, 300, 900)


class Told:
    """A server that answers as the test says, and notes when which recipient was tried."""

    def __init__(self, house: House, answer: Callable[[str, int], Exception | None]) -> None:
        self.house, self.answer = house, answer
        self.tries: list[tuple[int, str]] = []      # seconds since the start, recipient

    def open(self) -> None: ...

    def close(self) -> None: ...

    def deliver(self, message: Outgoing, go: Go) -> Receipt:
        go()
        who = message.recipient.partition("@")[0]
        self.tries.append((int(self.house.time.now - 1000), who))
        error = self.answer(who, sum(name == who for _, name in self.tries))
        if error is not None:
            raise error
        return Receipt("250")


def people(house: House, *addresses: str) -> None:
    house.drafts.clear()
    house.released.clear()
    house.add(*(recipient(makers.person(f"P-{number:03}", last_name=f"Muster{number}", email=address))
                for number, address in enumerate(addresses, 1)))


def test_greylisting_puts_off_one_recipient_and_the_same_run_tries_again(house: House):
    people(house, "a@x.example", "b@x.example", "c@y.example")
    post = Told(house, lambda who, number: Deferred("450 4.7.1 greylisted") if who == "a" and number == 1 else None)
    outcome = house.send(post, pauses=PAUSES)
    assert post.tries == [(0, "a"), (0, "b"), (0, "c"), (60, "a")]
    assert (outcome.complete, set(house.states.values())) == (True, {"sent"})


def test_pauses_grow_and_end_with_the_message_put_off_to_the_next_run(house: House):
    people(house, "a@x.example", "b@x.example")
    post = Told(house, lambda who, number: Deferred("450 noch nicht") if who == "a" else None)
    outcome = house.send(post, pauses=PAUSES)
    assert [second for second, who in post.tries if who == "a"] == [0, 60, 360, 1260]
    assert [note.key[-5:] for note in outcome.deferred] == ["P-001"]
    assert house.states == {"P-001": "deferred", "P-002": "sent"}


def test_a_domain_in_trouble_waits_as_a_whole_and_others_do_not(house: House):
    people(house, "a@x.example", "b@X.example", "c@y.example")
    post = Told(house, lambda who, number: Deferred("451 4.4.1", scope=Scope.DOMAIN) if who == "a" and number == 1 else None)
    assert house.send(post, pauses=PAUSES).complete
    assert post.tries == [(0, "a"), (0, "c"), (60, "b"), (60, "a")]


def test_a_server_in_trouble_makes_all_wait_ever_longer_until_it_is_well(house: House):
    people(house, "a@x.example", "b@y.example", "c@z.example")
    post = Told(house, lambda who, number: Deferred("421", scope=Scope.SERVER) if house.time.now < 1300 else None)
    assert house.send(post, pauses=PAUSES).complete
    assert [second for second, _ in post.tries] == [0, 60, 360, 360, 360]


def test_a_server_that_stays_away_ends_the_run_after_the_last_pause(house: House):
    people(house, "a@x.example", "b@y.example")
    post = Told(house, lambda who, number: Unreachable("post.example:587", "keine Verbindung"))
    outcome = house.send(post, pauses=(60, 300))
    assert "keine Verbindung" in outcome.stopped
    assert set(house.states.values()) <= {"deferred", "frozen"}
    assert len(outcome.deferred) + len(outcome.left) == 2


def test_what_is_in_doubt_is_not_tried_again(house: House):
    people(house, "a@x.example")
    post = Told(house, lambda who, number: InDoubt("keine Antwort"))
    assert len(house.send(post, pauses=PAUSES).unknown) == 1
    assert len(post.tries) == 1


@pytest.mark.parametrize(("settings", "seconds"), [({"per_minute": 2}, [0, 0, 60, 60, 120]), ({"per_hour": 3}, [0, 0, 0, 3600, 3600]),
                                                   ({"per_minute": 1, "per_hour": 2}, [0, 60, 3600, 3660, 7200])])
def test_no_more_leave_a_minute_or_an_hour_than_are_set(house: House, settings: dict[str, int], seconds: list[int]):
    people(house, *(f"{name}@x.example" for name in "abcde"))
    house.settings(**settings)
    post = Told(house, lambda who, number: None)
    assert house.send(post).complete
    assert [second for second, _ in post.tries] == seconds


@pytest.mark.parametrize("hours", [0, -5])
def test_the_rate_counts_what_earlier_runs_sent_even_by_a_clock_set_back_since(house: House, hours: int):
    house.settings(per_hour=3)
    house.send(Told(house, lambda who, number: None))
    house.add(recipient(makers.person("P-004", last_name="Später", email="d@x.example")))
    late = Told(house, lambda who, number: None)
    run = house.run(late, clock=lambda: NOW + dt.timedelta(hours=hours))
    assert send(house.mailing(), run).complete
    assert late.tries == [(3600, "d")]


def test_a_clock_that_runs_backwards_sends_nothing_twice(house: House, post: Any, mailbox: Mailbox):
    moments = iter(NOW - dt.timedelta(minutes=number) for number in range(10_000))
    for _ in range(2):
        assert send(house.mailing(), house.run(post, clock=lambda: next(moments))).complete
    assert len(mailbox.got) == 3


@pytest.mark.parametrize(("window", "hour", "open_then"), [
    ("", 3, True), ("08:00-18:00", 8, True), ("08:00-18:00", 18, False), ("20:00-06:00", 23, True),
    ("20:00-06:00", 5, True), ("20:00-06:00", 12, False),
])
def test_the_hours_are_those_of_clocks_in_berlin(window: str, hour: int, open_then: bool):
    assert within(window, dt.datetime(2017, 5, 4, hour, tzinfo=dt.timezone(dt.timedelta(hours=2)))) is open_then


def test_outside_the_hours_nothing_is_frozen_or_sent_but_a_trial_goes(house: House, post: Any, mailbox: Mailbox):
    house.settings(window="22:00-23:00")
    with pytest.raises(OutsideHours, match="nur von 22:00 bis 23:00 Uhr"):
        house.send(post)
    assert (mailbox.got, house.states) == ([], {})
    assert len(house.send(post, redirect="ich@stadt.example").sent) == 3


def test_when_the_hours_end_the_rest_stays_frozen_for_the_next_run(house: House):
    house.settings(window="08:00-12:01", per_minute=1)
    begun = house.time.now
    post = Told(house, lambda who, number: None)
    run = house.run(post, clock=lambda: NOW + dt.timedelta(seconds=house.time.now - begun))     # 12:00 in Berlin
    outcome = send(house.mailing(), run)
    assert (len(outcome.sent), len(outcome.left), outcome.stopped) == (1, 2, "Sendezeit zu Ende (08:00 bis 12:01 Uhr)")
    assert sorted(house.states.values()) == ["frozen", "frozen", "sent"]


def test_several_connections_carry_all_messages_once(house: House, mailbox: Mailbox):
    people(house, *(f"p{number}@x.example" for number in range(40)))
    with served(mailbox) as server:
        assert house.send(*(Smtp(server) for _ in range(4))).complete
    assert sorted(mailbox.recipients) == sorted(f"p{number}@x.example" for number in range(40))
    assert 1 < mailbox.connections <= 4


def test_a_run_that_is_interrupted_still_notes_what_became_of_the_message_under_way(house: House):
    def interrupted(done: int, total: int) -> None:
        if done == 1:
            raise KeyboardInterrupt
    people(house, *(f"{name}@x.example" for name in "abcd"))
    post = Told(house, lambda who, number: None)
    with pytest.raises(KeyboardInterrupt):
        send(house.mailing(), house.run(post, progress=interrupted))
    states = sorted(house.states.values())
    assert states.count("sent") == len(post.tries)
    assert "sending" not in states
    assert house.send(Told(house, lambda who, number: None)).complete
