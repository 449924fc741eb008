"""Queries start at a scope (DESIGN 2, wall a): what does not is named here with its reason."""

import ast
from collections.abc import Iterator

from tests.architecture.source import FEATURES, Module, dotted, modules

STARTS = ("scope", "load")
WITHOUT_SCOPE = {
    "portal.tenants.queries.reporting_lines.places_above": "ids of a whole line, also of places that the actor does not"
    " see: a loop through them is a loop",
    "portal.tenants.queries.reporting_lines.places_below": "as above",
    "portal.announcements.queries.reach.count_targets": "a number, whether the actor sees all of them; never shown",
    "portal.registrations.queries.has_place": "a yes or no about who proved an address, asked by the system",
    "portal.registrations.queries.proved_email": "as above",
    "portal.registrations.queries.is_registered": "who acts is not known yet: whether they may sign in",
    "portal.registrations.queries._read_own_modes": "which organizations let people register; ids, never shown",
    "portal.cases.queries.tags.has_tag": "a condition inside a statement that starts at the scope of cases",
    "portal.cases.queries.tags.has_any_tag": "as above",
    "portal.cases.queries.answer_values.has_answer": "as above",
    "portal.cases.queries.staff._assignable_staff": "ids of whoever may own a case that the actor has loaded",
    "portal.cases.queries.mentions.mention_names": "names of whom messages mention that the reader loaded in a scope",
    "portal.cases.queries.mentions.mentioned_ids": "ids of one message, for the telling of the system; never shown",
    "portal.rules.queries.firings.moment_of": "a part of statements that start at the scope of cases",
    "portal.rules.queries.case_facts.facts_of": "of a case that the system has loaded, for the rules that run on it",
    "portal.approvals.queries.requests.waits_for": "a condition inside a statement that starts at the scope of cases",
    "portal.scim.queries.people.has_address": "a condition inside a statement that starts at a scope",
    "portal.sso.queries.ways.count_sign_ins": "numbers of ways that the actor sees",
    "portal.sso.queries.arrivals.is_member": "a yes or no about who came back, asked by the system",
    "portal.sso.queries.arrivals.is_staff": "as above",
    "portal.cases.queries.lists._people_of": "names of people of cases that were selected by their scope",
    "portal.cases.queries.other_clients.confirmed_fingerprints": "of a case that the actor loaded; marks, never shown",
    "portal.cases.queries.other_clients._client_index": "names of all clients of the provider, read by the system",
    "portal.cases.queries.other_clients._domain_owners": "whose a domain is; its client is named only by its scope",
    "portal.cases.queries.other_clients._file_places": "whose a file is; its client is named only by its scope",
    "portal.cases.queries.people.customer_readers": "the people whom a case names, asked about it by the system",
    "portal.cases.queries.clients._belongs": "a yes or no about contact or reporter of a case that the actor sees",
    "portal.cases.queries.clients._excluded": "as above, for staff",
    "portal.cases.queries.clients._places": "as above, both at once",
    **dict.fromkeys(
        (
            *("portal.knowledge.queries.reading.first_titles", "portal.knowledge.queries.reading.articles_in"),
            *("portal.knowledge.queries.reading.find_articles", "portal.knowledge.queries.reading.neighbors"),
            *(
                "portal.knowledge.queries.reading.suggest_articles",
                "portal.knowledge.queries.reading.newest_for_everybody",
            ),
        ),
        "narrows the statement of select_readable, which starts at scopes",
    ),
    # Parts of a statement: the caller starts at a scope and puts them into it.
    "portal.admin.queries.setup_checklist._counts": "counts statements that start at scopes",
    "portal.community.queries.topics._matching": "narrows a statement that starts at a scope",
    "portal.community.queries.moderation.open_counts": "counts statements that start at scopes",
    "portal.admin.queries.deletions.count_references": "counts what refers to a row that the caller loaded",
    "portal.admin.queries.deletions.count_cases_with_steps_of": "as above; its caller may see no case, only a number",
    "portal.admin.queries.deletions._is_owned": "as above",
    "portal.admin.queries.deletions._owned_rows": "as above",
    "portal.admin.queries.deletions._referring": "as above",
    "portal.cases.queries.lists._count_in_tab": "joins what _access_paths reads, which starts at scopes",
    "portal.cases.queries.lists._ids_by_path": "one access path of the scope of cases, spelled out for its index",
    "portal.cases.queries.lists._state_counts": "counts what _count_in_tab reads",
    "portal.cases.queries.live._arrivals": "collects the keys of what view_cases reads, which starts at the scope",
    "portal.cases.queries.live._cases_of_events": "narrows cases that _arrivals reads through the scope of a queue",
    "portal.cases.queries.rows._statement": "wraps a statement that starts at a scope",
    "portal.tenants.queries.import_drafts.uploader": "whose language and role due work about their file goes by",
    "portal.tenants.queries.contact_search.ids_by_beginning": "ids of the search function, inside a scope",
    "portal.reports.queries.overview._measure": "counts what _counted reads, which starts at scopes",
    "portal.sla.queries.boards._capped": "limits a statement that starts at a scope",
    "portal.sla.queries.case_clocks._cases_where": "one column, compared inside a statement that starts at a scope",
    "portal.sla.queries.escalation._account_staff": "a condition inside a statement on staff",
    "portal.sla.queries.impact.cases_counted_by": "ids, used inside a statement that starts at a scope",
    "portal.tenants.queries.live_sessions._contact_places": "a column of the statement that finds out who acts",
    "portal.tenants.queries.live_sessions._staff_place": "a column of the statement that finds out who acts",
    # Who acts is not known yet: these read so that it can be known.
    "portal.identity.queries.has_passkey": "a yes or no about who removes a way in, asked by the system",
    "portal.identity.queries.factor_states": "which kinds of factors people have whom the caller sees; no row leaves",
    "portal.identity.queries._select_holder": "somebody signs in; bound to the provider",
    "portal.identity.queries.claimed_address": "who holds a mailed link, or a person whom the caller may see",
    "portal.identity.queries.current_user_id": "an id of an event; the caller admits the person to the case",
    "portal.identity.queries.has_proved_address": "somebody who asks for a link, or links a sign-in; a yes or no",
    "portal.identity.queries.password_of": "somebody signs in; the row is never shown",
    "portal.identity.queries.session_end_reason": "a cookie whose session is over; needs its token",
    "portal.identity.queries.user_of_ended_session": "a cookie whose session is over; needs its token",
    "portal.tenants.queries.actors.has_portal": "builds the actor that scopes need",
    "portal.tenants.queries.actors.organization_names": "who holds a mailed link; what it leads to",
    "portal.identity.queries.session_of_person": "for a mail to that very person, written by the system",
    "portal.tenants.queries.factor_rules._asking": "somebody signs in; which of their organizations ask for a factor",
    "portal.tenants.queries.contacts.member_by_email": "whom a typed address means in an organization",
    "portal.tenants.queries.actors._select_places": "builds the actors that scopes need",
    "portal.tenants.queries.actors.staff_actors": "builds the actors that scopes need",
    "portal.tenants.queries.staff.staff_row": "builds the actor that scopes need",
    "portal.tenants.queries.providers.provider_of_host": "the host name picks the provider; an exempt table",
    "portal.tenants.queries.providers.served_provider_of_host": "the host name picks the provider; an exempt table",
    "portal.tenants.queries.providers.provider": "the tenant itself",
    "portal.tenants.queries.providers.primary_host": "public host names of the own provider",
    "portal.channels.mail.queries.copies._find_known": "who holds the addresses of a mail, asked by the system",
    "portal.channels.mail.queries.signatures.find_signature_pictures": "marks of pictures of the sender's, never shown",
    "portal.channels.mail.queries.mailboxes.provider_of_address": "the provider of a mail; reads the exempt table",
    "portal.tenants.queries.providers.hosts": "public host names of the own provider",
    "portal.tenants.queries.providers.list_providers": "the command line, above all providers",
    # The caller has seen these people through a scope.
    "portal.identity.queries.primary_email": "of a person whom the caller may see",
    "portal.identity.queries.addresses": "of a person whom the caller may see",
    "portal.identity.queries.sign_ins": "of people whom the caller may see",
    # A permission is required instead: configuration and records that no contact reads.
    "portal.admin.queries.background_jobs.count_late_work": "requires provider:configure; a number",
    "portal.admin.queries.background_jobs.failing_timers": "requires provider:configure; holds no content",
    "portal.admin.queries.changes.last_change": "requires provider:read; events of no case",
    # A yes or no, or names, about the own provider that say nothing about any case.
    "portal.presets.queries.is_untouched": "whether there is any case at all",
    "portal.presets.queries.loaded_preset": "the name of the preset",
    "portal.cases.queries.people.has_grant": "whether a person was let into any case",
    # Rules about other people: what *they* may see, whatever the actor sees.
    "portal.cases.queries.shown_people.shown_people": "people whom the caller has seen on a case; hides their names",
    "portal.cases.queries.shown_people.outside_addresses": "which of the typed addresses are of no member",
    "portal.cases.queries.people._find_in": "users among whom its caller lets the actor choose",
    "portal.cases.queries.shown_people.shown_address": "a column of statements about people on a case",
    "portal.cases.queries.shown_people.is_inside": "a condition inside statements about people on a case",
    "portal.cases.queries.people.visibility_facts": "what decides who sees a case that was loaded",
    "portal.cases.queries.people._candidate_contacts": "people of the case's organization, for its audience",
    "portal.cases.queries.people._candidate_staff": "staff of the provider, for the audience of a case",
    "portal.cases.queries.search.match_cases": "a condition; the caller starts at the scope of cases",
    # Work of the system over the whole provider, for whoever may configure it.
    "portal.sla.queries.escalation.dry_run": "only numbers come out; its page requires provider:configure",
    "portal.sla.queries.escalation._group_members": "whom a rule would tell, by the provider's own rule",
    "portal.sla.queries.impact.preview_impact": "only numbers come out; its page requires provider:configure",
}


def reads(module: Module) -> Iterator[tuple[str, ast.stmt]]:
    """(dotted name, node) of each function and class of *module* that builds a statement of its own."""
    for node in module.tree.body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef):
            continue
        calls = {dotted(call.func) for call in ast.walk(node) if isinstance(call, ast.Call)}
        if "select" in calls or any(call.endswith("session.get") for call in calls):
            yield f"{module.name}.{node.name}", node


def starts_at_a_scope(node: ast.stmt) -> bool:
    """Whether *node* calls scope() or load(), or the scope function of a model."""
    called = {dotted(call.func).rpartition(".")[2] for call in ast.walk(node) if isinstance(call, ast.Call)}
    return bool(called & set(STARTS)) or any(name.startswith("visible_") for name in called)


def test_queries_start_at_a_scope():
    """A list that starts at no scope is how one tenant sees another."""
    found = {
        name
        for module in modules()
        if module.home in FEATURES and module.part == "queries"
        for name, node in reads(module)
        if not starts_at_a_scope(node)
    }
    print(f"queries outside scopes: {len(found)}, each with a reason")
    assert not found - set(WITHOUT_SCOPE), "start at scope(ctx.actor, Model), or say here why not"
    assert not set(WITHOUT_SCOPE) - found, "no longer there, or at a scope by now: take them out of the list"
