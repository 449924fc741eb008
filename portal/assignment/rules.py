"""Bounds and values of assignment."""

from enum import StrEnum

# How many people of a department one turn considers.
MOST_CANDIDATES = 500


class Way(StrEnum):
    """How a department finds an owner for a new case without one. Values are stored in `departments.assignment`."""

    BY_HAND = "by_hand"
    BY_TURN = "by_turn"
    FEWEST_OPEN = "fewest_open"
