"""How much the tests of random or repeated things do: EFFORT in the environment multiplies it (1 by default).

`make test` stays short on two cores; `EFFORT=10 make test` looks ten times as long.
"""

import os

EFFORT = max(1, int(os.environ.get("EFFORT", "1")))


def scaled(count: int) -> int:
    """*count* tries, examples or cases, times EFFORT."""
    return count * EFFORT
