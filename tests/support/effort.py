"""How much the tests of random or repeated things do: EFFORT in the environment multiplies it (1 by default).

`make test` stays short on two cores; `EFFORT=10 make test` looks ten times as long.
"""

import os
from collections.abc import Sequence
from typing import TypeVar

Value = TypeVar("Value")
EFFORT = max(1, int(os.environ.get("EFFORT", "1")))


def scaled(count: int) -> int:
    """*count* tries, examples or cases, times EFFORT."""
    return count * EFFORT


def take_turns(values: Sequence[Value], count: int, turn: int) -> list[Value]:
    """*count* times EFFORT of *values*, each at most once, beginning elsewhere each *turn*: each value has its turn
    somewhere, and with much effort everywhere."""
    number = min(scaled(count), len(values))
    return [values[(turn * number + n) % len(values)] for n in range(number)]
