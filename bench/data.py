"""`make bench-data CASES=100000`: a deterministic load into a database of its own.

CASES, SEED     how much, and which (1)
UNTIL           the moment at which the data stands still (2026-11-26T08:00:00+00:00)
PARLEY_DATA     the folder of the embedded PostgreSQL (var/bench-<CASES>)
DATABASE_URL, DATABASE_OWNER_URL    a database of your own instead; the owner needs BYPASSRLS
"""

import argparse
import datetime as dt
import sys

from bench import databases, load


def print_line(line: str) -> None:
    """Print *line* unbuffered, so that it reaches a file at once."""
    print(line, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench-data", description="Load bulk data.")
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=load.SEED)
    parser.add_argument("--until", type=dt.datetime.fromisoformat, default=load.UNTIL)
    asked = parser.parse_args()
    if not 10 <= asked.cases <= 10_000_000:
        print("CASES is a number from 10 to 10000000.", file=sys.stderr)
        return 2
    until = asked.until if asked.until.tzinfo else asked.until.replace(tzinfo=dt.UTC)
    with databases.open_database(asked.cases) as where:
        databases.migrate(where)
        try:
            made = load.load(where.owner_url, asked.cases, seed=asked.seed, until=until, say=print_line)
        except load.LoadRefused as reason:
            print(reason, file=sys.stderr)
            return 1
        print("\n" + databases.serving_hint(where, made))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
