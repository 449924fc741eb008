"""`python -m bench.calls`: the number of Python functions that a page calls, which does not depend on the load of the
machine.

CASES       which data (10000); load it first with `make bench-data`

To compare two revisions, run it in a worktree of each on data that each loaded.
"""

import cProfile
import os
import pstats

from flask.testing import FlaskClient

from bench import compare, databases
from bench.http_servers import TOKEN
from bench.world_builder import HOST, PASSWORD

BASE = f"http://{HOST}"
WARM, COUNTED = 25, 10


def sign_in(client: FlaskClient, email: str) -> FlaskClient:
    """*client* with *email* signed in."""
    found = TOKEN.search(client.get("/sign-in", base_url=BASE).data)
    assert found is not None
    data = {"email": email, "password": PASSWORD, "csrf_token": found[1].decode()}
    if client.post("/sign-in", base_url=BASE, data=data).status_code != 303:
        raise SystemExit(f"{email} could not sign in.")
    return client


def count_calls(client: FlaskClient, path: str) -> float:
    """The calls of one request for *path*, once all caches are filled."""
    for _time in range(WARM):
        if client.get(path, base_url=BASE).status_code != 200:
            raise SystemExit(f"{path} does not answer 200.")
    profile = cProfile.Profile()
    profile.enable()
    for _time in range(COUNTED):
        client.get(path, base_url=BASE)
    profile.disable()
    calls: float = pstats.Stats(profile).total_calls  # type: ignore[attr-defined]
    return calls / COUNTED


def main() -> int:
    with databases.open_database(int(os.environ.get("CASES", "10000"))) as where:
        databases.migrate(where)
        os.environ.update(where.environment(LOG_LEVEL="WARNING", SMTP_URL=""))
        from portal.factory import create_app

        app = create_app()
        clients: dict[str, FlaskClient] = {}
        print("| page | calls of a request |\n|---|---:|")
        for page in compare.pages(compare.some_keys(where, 3)[0]):
            if page.who not in clients:
                clients[page.who] = sign_in(app.test_client(), page.who)
            print(f"| {page.name} | {count_calls(clients[page.who], page.path):,.0f} |", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
