"""`python -m bench.every_page`: each GET page of the URL map beside the bare page, alone and with eight readers.

    CASES     the size (100000); load it first with `make bench-data`
    ROUNDS    rounds of a page alone (6)
    SECONDS   how long eight readers ask for a page (1.0)
    ONLY      the beginnings of the endpoints to measure, with commas, to add new pages to the file

It writes bench/pages.json, which `tests/architecture/test_page_figures.py` compares with the URL map: a page has a
figure, or a reason in NO_FIGURE. The pages that miss their aim stand in a table of bench/RESULTS.md.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg

from bench import databases
from bench.compare import ADMIN, LEAD, PORT, provider_of, some_keys, visit, write_results
from bench.databases import ROOT, BenchDatabase
from bench.http_servers import Client, gunicorn, signed_in

FIGURES = ROOT / "bench" / "pages.json"
READERS = 8
ADMINISTRATOR = "admin0@bench.example"
_NO_ROWS = "the bulk data has none"
# GET routes without a figure, and why.
NO_FIGURE = {
    "static": "a file that every cache keeps",
    "healthz": "one word",
    "search.commands": "the first rows of search.desk, which has a figure",
    "readyz": "for a load balancer: a ping of each part",
    "metrics": "for Prometheus, twice a minute",
    "branding.logo": _NO_ROWS,
    "branding.theme_css": "a style sheet that every cache keeps",
    "cases.attachment": _NO_ROWS,
    "desk.attachment_for_staff": _NO_ROWS,
    "cases.thumbnail": _NO_ROWS,
    "desk.thumbnail_for_staff": _NO_ROWS,
    "knowledge.picture": _NO_ROWS,
    "installation.manifest": _NO_ROWS,
    "installation.icon": "a picture that every cache keeps",
    "installation.service_worker": _NO_ROWS,
    "installation.offline": _NO_ROWS,
    "notifications.push_page": "leads on",
    "notifications.renew_page": "leads on",
    "notifications.remove_device": _NO_ROWS,
    "notifications.test_device": _NO_ROWS,
    "knowledge.desk_picture": _NO_ROWS,
    "audit.export_security": "a file of everything, streamed",
    "organization_audit.export_journal": "as above",
    "organization_audit.export_sign_ins": "as above",
    "surveys.export": "a file of everything, streamed",
    "desk.home": "leads on to the first queue",
    "cases.tick": "bench.idle_desks",
    "desk.tick": "bench.idle_desks",
    "identity.sign_out": "a button",
}
# The most bare pages that a page may take (docs/decisions/0013-speed.md), and with readers twice that; others: OTHERS.
AIMS = {
    "cases.show": 6.0,
    "desk.show": 6.0,
    "cases.home": 5.0,
    "cases.index": 5.0,
    "notifications.index": 5.0,
    "search.portal": 5.5,
    "search.desk": 5.5,
    "desk.queue": 6.0,
}
OTHERS = 10.0
# Routes that came after the last run of the bench: the next run measures them, and the entries go.
NOT_MEASURED: dict[str, str] = {
    **dict.fromkeys(
        (
            *("desk.split_form", "snoozes.ask", "snoozes.ask_for_several"),
            *("scim.list_groups", "scim.read_group", "scim.remove_group_role", "scim.set_group_role"),
            *("announcements.index", "announcements.show", "announcements.calendar", "announcements.staff_index"),
            *("announcements.staff_show", "announcements.new", "announcements.edit", "announcements.publish"),
            *("announcements.update", "announcements.end", "announcements.discard", "announcements.status_words"),
            *("community.index", "community.new", "community.alike", "community.topic"),
            *("community.edit", "community.report", "community.versions", "community.open_case"),
            *("community.staff_index", "community.staff_topic", "community.staff_versions", "community.staff_edit"),
            *("community.approve", "community.hide", "community.restore", "community.dismiss"),
            *("community.propose_case", "community.make_article", "community.close", "community.reopen"),
            *("community.block", "community.unblock", "community.admin_spaces", "community.new_space"),
            *("community.change_space", "community.accept", "community.answer", "community.decline_case"),
            *("community.follow", "community.helpful", "community.staff_accept", "community.staff_answer"),
            *("community.watch", "community.staff_new", "community.staff_follow", "calls.lead_back_to_check"),
            *("announcements.join", "announcements.follow", "announcements.answer"),
            *("cases.join_form", "desk.workaround_form"),
            *("announcements.remove_status", "announcements.status_page", "announcements.status_feed"),
            *("announcements.subscribe", "announcements.subscription_asked"),
            *("announcements.status_administration", "announcements.remove_subscriber"),
            *("calls.hotlines", "calls.new_hotline", "calls.hotline", "calls.own_calls", "calls.ask", "calls.cancel"),
            *("calls.waiting", "calls.made", "calls.claim", "calls.release", "calls.cancel_for_client", "calls.log"),
            *("calls.desk_check", "calls.skip_check", "calls.own_check", "calls.checked_types"),
            *("calls.incoming", "calls.incoming_card", "calls.missed", "calls.settle_missed", "calls.extension"),
            *("calls.telephone_systems", "calls.new_system", "calls.telephone_system"),
            *("calls.make_system_token", "calls.end_system_token"),
            *("drafts.index", "drafts.desk_index", "drafts.discard", "drafts.desk_discard"),
            *("form_builder.fields", "form_builder.new_field", "form_builder.field"),
            *("cases.file", "desk.queue_file", "organization.manager", "admin.manager"),
            *("time_entries.index", "time_entries.listed", "time_entries.export", "tasks.own", "tasks.index"),
            *("desk.waiting_reply", "desk.undo_bulk_form", "desk.preview", "desk.next_case"),
            *("desk.tags_form", "admin.tags", "admin.new_tag", "admin.tag", "admin.tag_question"),
            *("cases.access_of_people", "cases.access_of_person"),
            *("form_builder.move_field", "form_builder.end_field", "desk.answers_form"),
        ),
        "newer than the last run",
    ),
    **dict.fromkeys(
        (
            *("knowledge.home", "knowledge.category", "knowledge.article", "knowledge.articles"),
            *("knowledge.desk_article", "knowledge.version", "knowledge.new_article", "knowledge.words"),
            *("knowledge.settings", "knowledge.publish", "knowledge.withdraw", "knowledge.delete"),
            *("knowledge.categories", "knowledge.new_category", "knowledge.change_category"),
            *("knowledge.delete_category", "knowledge.delete_picture", "knowledge.vote", "knowledge.feed"),
            *("knowledge.article_use", "reports.report_overview", "reports.report_cases"),
            *("chat.start_form", "chat.show", "chat.end", "chat.console_page", "chat.talk_page", "chat.hand_over"),
            *("chat.agent_end", "chat.offer_article", "chat.settings", "chat.news", "chat.console_news"),
            *("chat.talk_news", "chat.lead_back", "chat.lead_back_to_talk", "chat.show_console"),
            *("canned_replies.shared_list", "canned_replies.shared_new", "canned_replies.shared_change"),
            *("canned_replies.shared_end", "canned_replies.shared_resume", "canned_replies.shared_delete"),
            *("canned_replies.own_list", "canned_replies.own_new", "canned_replies.own_change"),
            *("canned_replies.own_end", "canned_replies.own_resume", "canned_replies.own_delete"),
            *("desk.saved_views", "desk.show_saved_view", "desk.new_saved_view", "desk.edit_saved_view"),
            *("desk.delete_saved_view", "desk.pin_saved_view", "cases.saved_filter", "cases.new_saved_filter"),
            *("cases.edit_saved_filter", "cases.delete_saved_filter"),
            *("canned_replies.pick_for_case", "chat.pick_for_chat", "desk.compose"),
            *("approvals.approval", "approvals.withdraw", "approvals.ask_again", "approvals.rules"),
            "approvals.of_organization",
            *("approvals.new_rule", "approvals.rule", "approvals.desk_approval", "approvals.ask"),
            *("approvals.name_approver", "approvals.desk_withdraw", "approvals.desk_ask_again"),
            *("rules.index", "rules.new_rule", "rules.rule", "rules.trial", "rules.log", "rules.switch"),
            "rules.delete_rule",
        ),
        "as above",
    ),
}
# One value for each part of an address: the statement that finds it at the provider.
_VALUES = {
    "contact_id": "SELECT c.id FROM contacts c JOIN organizations o ON o.id = c.organization_id"
    " WHERE c.provider_id = %s AND o.slug = (SELECT slug FROM organizations ORDER BY created_at, id LIMIT 1)"
    " ORDER BY c.id DESC LIMIT 1",
    "environment_id": "SELECT e.id FROM environments e JOIN organizations o ON o.id = e.organization_id"
    " WHERE e.provider_id = %s ORDER BY o.created_at, o.id, e.id LIMIT 1",
    "slug": "SELECT slug FROM organizations WHERE provider_id = %s ORDER BY created_at, id LIMIT 1",
    "account_key": "SELECT a.key FROM accounts a JOIN organizations o ON o.id = a.organization_id"
    " WHERE a.provider_id = %s ORDER BY o.created_at, o.id LIMIT 1",
    "staff_id": "SELECT id FROM staff_members WHERE provider_id = %s ORDER BY id DESC LIMIT 1",
    "department_id": "SELECT id FROM departments WHERE provider_id = %s ORDER BY id LIMIT 1",
    "type_id": "SELECT id FROM request_types WHERE provider_id = %s ORDER BY id LIMIT 1",
    "service_id": "SELECT id FROM services WHERE provider_id = %s ORDER BY id LIMIT 1",
    "policy_id": "SELECT id FROM sla_policies WHERE provider_id = %s ORDER BY id LIMIT 1",
    "calendar_id": "SELECT id FROM sla_calendars WHERE provider_id = %s ORDER BY id LIMIT 1",
    "rule_id": "SELECT id FROM sla_rules WHERE provider_id = %s ORDER BY id LIMIT 1",
    "run_id": "SELECT id FROM sla_runs WHERE provider_id = %s ORDER BY id LIMIT 1",
    "survey_id": "SELECT id FROM surveys WHERE provider_id = %s AND answered_at IS NOT NULL ORDER BY id DESC LIMIT 1",
    "mail_id": "SELECT id FROM outgoing_mails WHERE provider_id = %s ORDER BY id LIMIT 1",
}


def find_values(where: BenchDatabase) -> dict[str, str]:
    """The value of each part of an address for which there is a row."""
    found = {"view": "all", "verb": "end", "question": "q1", "version": "0"}
    with psycopg.connect(where.owner_url, autocommit=True) as connection:
        for name, statement in _VALUES.items():
            try:
                row = connection.execute(statement, [provider_of(where)]).fetchone()
            except psycopg.Error as problem:
                print(f"{name}: {problem}", file=sys.stderr)
                continue
            if row is not None:
                found[name] = str(row[0])
        kind = connection.execute("SELECT key FROM request_types ORDER BY id LIMIT 1").fetchone()
    return found | {"type_key": str(kind[0]) if kind else "question"}


def find_pages(where: BenchDatabase) -> tuple[dict[str, tuple[str, str]], list[str]]:
    """The address and the person of each page by endpoint, and the endpoints for which the data has no address."""
    os.environ.update(where.environment(LOG_LEVEL="WARNING", SMTP_URL=""))
    from portal.factory import create_app

    app, values, case = create_app(), find_values(where), some_keys(where, 1)[0]
    pages, without = {}, []
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint in NO_FIGURE:
            continue
        key = case if "/cases/" in rule.rule else values["type_key"] if "/new/" in rule.rule else values["account_key"]
        known = {**values, "key": key}
        if rule.arguments - set(known):
            without.append(rule.endpoint)
            continue
        path = adapter.build(rule.endpoint, {name: known[name] for name in rule.arguments})
        who = LEAD if path.startswith("/desk") else ADMINISTRATOR if path.startswith("/admin") else ADMIN
        pages[rule.endpoint] = (path, who)
    return pages, without


def measure_alone(bare: Client, client: Client, path: str, rounds: int) -> float:
    """The median ratio of *path* to the bare page, in alternating rounds of three."""
    look, yard, ratios = visit(client, path), visit(bare, "/list"), []
    for _time in range(4):
        look()
    for _round in range(rounds):
        ratios.append(_middle(look) / _middle(yard))
    return statistics.median(ratios)


def _middle(act: Any) -> float:
    took = []
    for _time in range(3):
        began = time.perf_counter()
        act()
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def seconds_with_readers(clients: list[Client], path: str, seconds: float) -> float:
    """Seconds of the server for each answer while all *clients* ask for *path* again and again."""
    answered = [0] * len(clients)
    end = time.perf_counter() + seconds

    def read(n: int) -> None:
        while not answered[n] or time.perf_counter() < end:
            clients[n].get(path)
            answered[n] += 1

    began = time.perf_counter()
    threads = [threading.Thread(target=read, args=(n,)) for n in range(len(clients))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return (time.perf_counter() - began) / sum(answered)


def copies(client: Client) -> list[Client]:
    """Browsers of the same person, each with a connection of its own."""
    return [Client(client.port, dict(client.cookies)) for _n in range(READERS)]


def measure(
    where: BenchDatabase, rounds: int, seconds: float, only: str
) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """The figures by endpoint, and why others have none."""
    pages, without = find_pages(where)
    pages = {endpoint: page for endpoint, page in pages.items() if endpoint.startswith(tuple(only.split(",")))}
    reasons = dict.fromkeys(without, _NO_ROWS)
    figures: dict[str, dict[str, Any]] = {}
    cases = count_cases(where)
    with ExitStack() as stack:
        logs = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        bare_env = where.environment(BENCH_OWNER_URL=where.owner_url, BENCH_PROVIDER=provider_of(where))
        stack.enter_context(gunicorn("bench.baseline_app:create_app()", PORT, bare_env, logs / "bare"))
        stack.enter_context(gunicorn("app:create_app()", PORT + 1, where.environment(SMTP_URL=""), logs / "own"))
        bare = Client(PORT)
        bares = copies(bare)
        clients = {who: signed_in(PORT + 1, who) for who in {who for _path, who in pages.values()}}
        readers = {who: copies(client) for who, client in clients.items()}
        for endpoint, (path, who) in pages.items():
            answer = clients[who].get(path)
            if answer.status != 200:
                reasons[endpoint] = f"{path} answers {answer.status} on the bulk data"
                continue
            alone = measure_alone(bare, clients[who], path, rounds)
            together = seconds_with_readers(readers[who], path, seconds) / seconds_with_readers(
                bares, "/list", seconds / 2
            )
            figures[endpoint] = {
                "path": path,
                "bytes": len(answer.body),
                "alone": round(alone, 1),
                "readers": round(together, 1),
                "cases": cases,
                "load": round(os.getloadavg()[0], 1),
            }
            print(f"{alone:6.1f} {together:6.1f}  {endpoint:40} {path}", flush=True)
    return figures, reasons


def count_cases(where: BenchDatabase) -> int:
    """How many cases there are."""
    with psycopg.connect(where.owner_url) as connection:
        row = connection.execute("SELECT count(*) FROM cases").fetchone()
    return int(row[0]) if row else 0


def revision() -> str:
    """The short id of the commit."""
    return subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()


def main() -> int:
    only, target = os.environ.get("ONLY", ""), Path(os.environ.get("FIGURES", FIGURES))
    with databases.open_database(int(os.environ.get("CASES", "100000"))) as where:
        databases.migrate(where)
        rounds, seconds = int(os.environ.get("ROUNDS", "6")), float(os.environ.get("SECONDS", "1.0"))
        figures, reasons = measure(where, rounds, seconds, only)
    if only and target.is_file():
        before = json.loads(target.read_text())
        figures, reasons = {**before["pages"], **figures}, {**before["without"], **reasons}
        reasons = {endpoint: why for endpoint, why in reasons.items() if endpoint not in figures}
    content: dict[str, Any] = {"revision": revision(), "pages": figures, "without": reasons}
    target.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")
    if target == FIGURES:
        write_results(misses(figures, content["revision"]), "bench.every_page")
    for endpoint in sorted(NOT_MEASURED.keys() & {*figures, *reasons}):
        print(f"{endpoint} has a figure or a reason now: take it out of NOT_MEASURED")
    return 0


def misses(figures: dict[str, dict[str, Any]], at: str) -> str:
    """The pages that miss their aim, alone or with readers, as a table; the furthest first."""
    rows = []
    for endpoint, figure in figures.items():
        aim = AIMS.get(endpoint, OTHERS)
        over = max(figure["alone"] / aim, figure["readers"] / (2 * aim))
        if over > 1:
            rows.append(
                (over, f"| `{endpoint}` | {figure['alone']} | {figure['readers']} | {aim:g} | {figure['load']} |")
            )
    head = ["| page | alone | 8 readers | aim | load |", "|---|---:|---:|---:|---:|"]
    said = f"{len(figures) - len(rows)} of {len(figures)} pages within their aims, at `{at}`; the others:"
    return "\n".join([said, "", *head, *(row for _over, row in sorted(rows, reverse=True)), ""])


if __name__ == "__main__":
    raise SystemExit(main())
