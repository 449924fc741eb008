"""Arrows: what may know what (DESIGN 6)."""

import ast

from tests.architecture.source import FEATURES, PRESENTING, SHOWN, TOP, Module, modules, split_name

BANNED_NAMES = ("utils", "util", "helpers", "helper", "misc", "common")


def foreign(module: Module) -> list[tuple[int, list[str]]]:
    """What *module* imports of `portal`, split at the dots."""
    return [(line, split_name(name)) for line, name in module.imports() if name.startswith("portal.")]


def test_kernel_knows_only_itself():
    """The kernel stays usable and testable alone; a feature in it would make every feature depend on that one."""
    wrong = [
        f"{m}:{n} {'.'.join(p)}" for m in modules() if m.home == "kernel" for n, p in foreign(m) if p[1] != "kernel"
    ]
    assert not wrong


def test_authz_knows_the_kernel_and_no_flask():
    """The rules about who may do what must hold in a job, a mail and a command too, where there is no request."""
    wrong = []
    for module in (m for m in modules() if m.home == "authz"):
        wrong += [f"{module}:{n} {'.'.join(p)}" for n, p in foreign(module) if p[1] not in ("authz", "kernel")]
        wrong += [f"{module}:{n} {name}" for n, name in module.imports() if name.partition(".")[0].startswith("flask")]
    assert not wrong


def test_web_knows_no_feature():
    """Glue that knows a feature could not serve the next one."""
    known = ("web", "authz", "kernel", "config")
    wrong = [f"{m}:{n} {'.'.join(p)}" for m in modules() if m.home == "web" for n, p in foreign(m) if p[1] not in known]
    assert not wrong


def test_features_know_only_earlier_ones_and_only_what_those_show():
    """A cycle of features cannot be read, tested or removed; wiring.py connects what must happen together."""
    wrong = []
    for module in (m for m in modules() if m.home in FEATURES):
        for line, parts in foreign(module):
            other = parts[1]
            if other not in FEATURES or other == module.home:
                continue
            if FEATURES.index(other) > FEATURES.index(module.home):
                wrong.append(f"{module}:{line} knows the later {other}")
            elif len(parts) < 3 or parts[2] not in SHOWN:
                wrong.append(f"{module}:{line} uses {'.'.join(parts)}, which {other} does not show")
    assert not wrong


def test_nobody_imports_what_ties_everything_together():
    """factory, wiring, schedule, navigation, cli and demo stand above all; an arrow back would close a cycle."""
    wrong = [f"{m}:{n} {'.'.join(p)}" for m in modules() if m.home not in TOP for n, p in foreign(m) if p[1] in TOP]
    assert not wrong


def test_every_module_of_a_feature_stands_in_a_row():
    """A part that is in no row would escape the tests of arrows: name it in ROWS, or move it to where it belongs."""
    outside = [f"{m} ({m.part})" for m in modules() if m.home in FEATURES and m.part and m.row is None]
    print(f"modules outside rows: {len(outside)}")
    assert not outside


def test_inside_a_feature_arrows_point_down():
    """routes and jobs → actions and queries → policies → models, states, rules."""
    rows = {(m.home, m.part): m.row for m in modules()}
    wrong = []
    for module in (m for m in modules() if m.home in FEATURES and m.row is not None):
        for line, parts in foreign(module):
            other = rows.get((parts[1], parts[2])) if parts[1] == module.home and len(parts) > 2 else None
            if other is not None and other > module.row:
                wrong.append(f"{module}:{line} ({module.part}) reaches up to {'.'.join(parts)}")
    assert not wrong


def test_no_route_imports_another_route():
    """A part that two routes share belongs to pages, forms, queries or actions; only the blueprint is shared."""
    wrong = []
    for module in (m for m in modules() if m.part == "routes" and m.path.name != "__init__.py"):
        for line, parts in foreign(module):
            inside = parts[3:] if parts[2:3] == ["routes"] else []
            if len(inside) > 1 and not inside[0].startswith("blueprint"):
                wrong.append(f"{module}:{line} imports {'.'.join(parts)}")
    print(f"route-to-route imports: {len(wrong)}")
    assert not wrong


# What single modules may know of the web, and why.
KNOWS_OF_THE_WEB = {
    # They read the configuration of the running app.
    "portal.notifications.mail_queue": ("flask.current_app",),
    "portal.notifications.mime": ("flask.current_app",),
    "portal.notifications.urls": ("flask.current_app",),
    "portal.channels.mail.polling": ("flask.current_app",),
    "portal.channels.mail.mailbox_tests": ("flask.current_app",),
    "portal.channels.mail.mailbox_access": ("flask.current_app",),
    "portal.channels.mail.system_work": ("flask.current_app",),
    # The counters belong to the running app.
    "portal.identity.throttle": ("flask.Flask", "flask.current_app"),
}


def test_only_what_presents_knows_the_web():
    """Actions, queries and policies serve mail, API and jobs too: what they need of a request is in their arguments."""
    wrong = []
    for module in (m for m in modules() if m.home in FEATURES and m.part and m.part not in PRESENTING):
        allowed = KNOWS_OF_THE_WEB.get(module.name, ())
        for line, name in module.imports():
            known = name.startswith(("portal.web.", "flask.", "werkzeug.")) or name in ("flask", "werkzeug")
            if known and name not in allowed:
                wrong.append(f"{module}:{line} {name}")
    assert not wrong


def test_no_drawer_for_everything_else():
    """A module without a noun has not been understood yet."""
    assert not [str(m) for m in modules() if set(m.path.with_suffix("").parts) & set(BANNED_NAMES)]


def test_a_class_name_means_one_thing():
    """Somebody who greps for a name finds one class, and not the one that another feature means by it."""
    places: dict[str, list[str]] = {}
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(f"{module}:{node.lineno}")
    twice = {name: found for name, found in places.items() if len(found) > 1}
    print(f"duplicate class names: {len(twice)}")
    assert not twice


def test_every_feature_has_its_place_in_the_order():
    """A folder that is not in the order would escape these tests."""
    known = {*FEATURES, *TOP, "kernel", "authz", "web", "config", ""}
    assert not {m.home for m in modules()} - known
