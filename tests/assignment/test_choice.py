"""Who gets the next case, held to an oracle that plays the promise out: fair, never above the most, the same answer
for the same facts; for random departments."""

import datetime as dt
import random
import uuid
from collections import Counter

import pytest

from portal.assignment.engine.choice import AssignmentCandidate, choose
from portal.assignment.rules import Way

NOON = dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC)
PEOPLE = [uuid.UUID(int=n) for n in range(1, 7)]


def random_candidates(dice):
    people = dice.sample(PEOPLE, dice.randint(0, len(PEOPLE)))
    served = lambda: dice.choice([None, NOON + dt.timedelta(minutes=dice.randint(0, 5))])  # noqa: E731
    return [AssignmentCandidate(one, dice.randint(0, 5), served()) for one in people]


def oracle(way, candidates, most_open):
    """The promise, spelled out: compare everybody with everybody, and keep whom nobody goes before."""

    def goes_before(a, b):
        if way is Way.FEWEST_OPEN and a.load != b.load:
            return a.load < b.load
        if a.served_at != b.served_at:
            return a.served_at is None or (b.served_at is not None and a.served_at < b.served_at)
        return str(a.staff_id) < str(b.staff_id)

    free = [one for one in candidates if most_open is None or one.load + 1 <= most_open]
    first = [a for a in free if not any(goes_before(b, a) for b in free if b is not a)]
    return first[0].staff_id if first else None


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("way", [Way.BY_TURN, Way.FEWEST_OPEN])
def test_the_choice_is_the_one_of_the_oracle(way, seed):
    dice = random.Random(seed)
    for _round in range(100):
        candidates, most = random_candidates(dice), dice.choice([None, 1, 3, 5])
        expected = oracle(way, candidates, most)
        assert choose(way, candidates, most) == expected
        dice.shuffle(candidates)
        assert choose(way, candidates, most) == expected


@pytest.mark.parametrize("seed", range(20))
def test_by_turn_nobody_with_room_is_passed_over_twice(seed):
    """A day of a department: cases come and end; between two cases of one person everybody who had room all along got
    one."""
    dice = random.Random(seed)
    most, people = dice.choice([None, 1, 2, 4]), PEOPLE[: dice.randint(1, 6)]
    load, served, history = Counter(), {}, []
    for minute in range(200):
        for one in people:
            if load[one] and dice.random() < 0.2:
                load[one] -= 1
        room = {one for one in people if most is None or load[one] < most}
        found = choose(Way.BY_TURN, [AssignmentCandidate(one, load[one], served.get(one)) for one in people], most)
        assert (found is None) == (not room)
        history.append((found, room))
        if found is not None:
            assert found in room
            load[found] += 1
            served[found] = NOON + dt.timedelta(minutes=minute)
            assert most is None or load[found] <= most
    for start, (first, _room) in enumerate(history):
        again = next((n for n in range(start + 1, len(history)) if history[n][0] == first), None)
        if first is None or again is None:
            continue
        between = history[start + 1 : again + 1]
        always_free = set.intersection(*(room for _found, room in between)) - {first}
        assert always_free <= {found for found, _room in between}


def test_by_hand_nobody_gets_it():
    assert choose(Way.BY_HAND, [AssignmentCandidate(PEOPLE[0], 0)], None) is None
