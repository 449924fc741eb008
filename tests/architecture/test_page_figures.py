"""Every GET page of the URL map has a figure in bench/pages.json (DESIGN 8), alone and with readers, or a reason."""

import json
from pathlib import Path

from bench.every_page import FIGURES, NO_FIGURE, NOT_MEASURED


def test_every_page_has_a_figure_or_a_reason(app):
    found = json.loads(Path(FIGURES).read_text())
    measured, without = set(found["pages"]), {*NO_FIGURE, *NOT_MEASURED, *found["without"]}
    pages = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    missing = pages - measured - without
    assert not missing, f"measure them (python -m bench.every_page) or say why not in bench/every_page.py: {missing}"
    gone = (measured | without) - pages
    assert not gone, f"no route has these names any more; take their figures or reasons out: {gone}"
    assert not measured & set(NO_FIGURE)


def test_every_figure_is_a_ratio_alone_and_with_readers():
    for endpoint, figure in json.loads(Path(FIGURES).read_text())["pages"].items():
        assert figure["alone"] > 0 and figure["readers"] > 0 and figure["load"] >= 0, endpoint
