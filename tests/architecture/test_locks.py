"""Who locks a row reads it again: what the unit of work read before it waited may be old, and be written back."""

import ast

from tests.architecture.source import modules

# What reads no entities, or must not read them again, and why.
READS_NO_ENTITIES = {
    "portal.assignment.queries.candidates.lock_candidates": "the ids; loads are read afterwards",
    "portal.cases.queries.detail._lock_by_key": "the id; the page is then loaded anew",
    "portal.cases.queries.detail.by_id": "the id; the page is then loaded anew",
    "portal.cases.queries.detail.by_id_unless_busy": "the id; the page is then loaded anew",
    "portal.cases.queries.next_case.lock_next_case": "the id; the page is then loaded anew",
    "portal.cases.actions.leavers._resume_unanswerable": "the request holds the lock of the case, and its page",
    "portal.channels.mail.actions.originals.delete_old_originals": "a session of its own that has read nothing",
    "portal.search.actions._lock": "columns",
    "portal.kernel.jobs.claim_due_work": "columns of due work",
    "portal.kernel.jobs._postpone": "columns of due work",
    "portal.kernel.outbox.bring_forward": "a subquery",
    "portal.notifications.push_devices.delete_unseen_devices": "a subquery",
    "portal.notifications.sending_faults.find_turn": "columns",
    "portal.sla.actions.runs.recompute_batch": "columns",
    "portal.sla.actions.escalate.fire_steps": "the id",
    "portal.tenants.actions.provisioned_access._held_rows": "columns",
    "portal.tenants.actions.reporting_lines.lock_lines": "the id; what it protects is read afterwards",
}


def test_who_locks_a_row_reads_it_again():
    found, wrong = set(), []
    for module in modules():
        for function in (node for node in ast.walk(module.tree) if isinstance(node, ast.FunctionDef)):
            calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
            locks = [c for c in calls if isinstance(c.func, ast.Attribute) and c.func.attr == "with_for_update"]
            locks += [c for c in calls if any(k.arg == "with_for_update" for k in c.keywords)]
            if not locks:
                continue
            name = f"{module.name}.{function.name}"
            again = [k for c in calls for k in c.keywords if k.arg == "populate_existing"]
            if len(again) < len(locks):
                found.add(name)
                if name not in READS_NO_ENTITIES:
                    wrong.append(name)
    assert not wrong
    assert found == set(READS_NO_ENTITIES), "a reason for what is not there"
