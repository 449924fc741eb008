"""A derived key is equal only for one function with equal surroundings, and refuses what cannot be compared."""

import datetime as dt
import uuid
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from types import FunctionType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.cases.models import Case
from portal.kernel.call_key import call_key


class Color(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Shape:
    corners: object
    name: str = ""


@dataclass
class Changing:
    corners: int


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2),
    st.sampled_from(["", "1", "red", "True", Color.RED]),
    st.sampled_from([b"", b"1"]),
    st.uuids(version=4),
    st.sampled_from([str, bytes, Shape]),
)
plain = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.frozensets(inner, max_size=3) | st.builds(Shape, inner),
    max_leaves=6,
)


def spell(value):
    """*value* as text that tells everything apart: what a literal in a statement would be."""
    if isinstance(value, tuple | frozenset):
        parts = [spell(one) for one in value]
        return f"{type(value).__name__}({', '.join(parts if isinstance(value, tuple) else sorted(parts))})"
    if isinstance(value, Shape):
        return f"Shape({spell(value.corners)}, {spell(value.name)})"
    return f"{type(value).__name__}:{value!r}"


def closing_over(value):
    def build():
        return spell(value)

    return build


def with_default(value):
    def build(given=value):
        return spell(given)

    return build


def with_named_default(value):
    def build(*, given=value):
        return spell(given)

    return build


@given(plain, plain)
def test_values_share_a_key_only_if_nothing_tells_them_apart(one, other):
    """1, True and Color.RED, "red" are equal in Python and are different statements."""
    alike = spell(one) == spell(other)
    for make in (closing_over, with_default, with_named_default):
        assert (call_key(make(one)) == call_key(make(other))) == alike
        assert not alike or hash(call_key(make(one))) == hash(call_key(make(other)))
    assert (call_key(spell, one) == call_key(spell, other)) == alike
    assert (call_key(closing_over(closing_over(one))) == call_key(closing_over(closing_over(other)))) == alike


@given(plain)
def test_where_a_value_stands_is_part_of_the_key(value):
    found = {call_key(closing_over(value)), call_key(with_default(value)), call_key(with_named_default(value))}
    assert len({*found, call_key(spell, value), call_key(spell), call_key(spell, value, value)}) == 6


bodies = st.lists(st.sampled_from(["x + 1", "x + 2", "x + 1.0", "x + True", "x - 1", "y", "x.y", "'x'", "None"]))


@given(bodies, bodies)
def test_functions_of_other_code_share_no_key(one, other):
    """Of one name, on one line, in one module."""
    assert (call_key(made_of(one)) == call_key(made_of(other))) == (one == other)


def made_of(expressions):
    """A function that returns *expressions*."""
    scope = {"__name__": "made"}
    exec(f"def build(x): return ({''.join(f'{text}, ' for text in expressions)})", scope)
    return scope["build"]


def test_two_lambdas_of_one_line_share_no_key():
    one, other = [lambda: 1, lambda: 2]
    assert call_key(one) != call_key(other)


def test_module_and_qualified_name_are_part_of_the_key():
    first = made_of(["x"])
    moved, renamed = made_of(["x"]), made_of(["x"])
    moved.__module__, renamed.__qualname__ = "elsewhere", "Other.build"
    assert len({call_key(first), call_key(made_of(["x"])), call_key(moved), call_key(renamed)}) == 3


def test_what_is_not_plain_is_refused(world):
    context = world.ctx("rita")
    wrong = [
        *([], {}, set(), 1.0, dt.datetime(2026, 1, 1, tzinfo=dt.UTC), object(), Changing(3), iter(())),
        *(context, context.actor, context.session, world.open_case("rita"), Case.id == 1),
        *(partial(spell, 1), "".join, len),
    ]
    for value in wrong:
        with pytest.raises(TypeError, match="no part of a cache key"):
            call_key(spell, value)
        with pytest.raises(TypeError, match="no part of a cache key"):
            call_key(closing_over((1, (value,))))
        with pytest.raises(TypeError, match="no part of a cache key"):
            call_key(spell, Shape(value))
    for value in (partial(spell, 1), "".join, len, Shape):
        with pytest.raises(TypeError, match="only a plain function"):
            call_key(value)


def test_a_name_without_a_value_and_a_function_in_itself_are_refused():
    def early():
        return later

    with pytest.raises(TypeError, match="no value yet"):
        call_key(early)
    later = 1
    assert call_key(early)

    def again():
        return again

    with pytest.raises(TypeError, match="closes over itself"):
        call_key(again)


def test_a_key_does_not_follow_later_changes():
    ids = frozenset([uuid.uuid4()])
    shape = Shape(ids)
    before = call_key(spell, shape)
    assert call_key(spell, replace(shape, name="another")) != before == call_key(spell, Shape(ids))
    assert isinstance(spell, FunctionType)
