"""What a browser asks for to install the portal: the manifest, icons, the service worker and its one page."""

import json
from typing import Any

from flask import Response, abort, render_template
from flask_babel import gettext as _

from portal.kernel.accent_colors import BUILT_IN, LIGHT_CANVAS, derive_accent_colors
from portal.kernel.app_icon import SIZES, draw_icon, icon_path, icon_version
from portal.web.assets import FOR_EVER
from portal.web.current import ctx
from portal.web.guards import FeatureBlueprint, public
from portal.web.htmx import page
from portal.web.page_frame import current_frame

installation = FeatureBlueprint("installation", __name__)
open_to_all = public("name, color and icon of the provider stand on the sign-in page")


@installation.get("/manifest.webmanifest")
@open_to_all
def manifest() -> Response:
    """What the app is called, how it looks and where it begins. It is the same for every reader."""
    provider = ctx().provider
    accent = provider.accent or BUILT_IN
    icons = [
        {
            "src": icon_path(provider.called, accent, size),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }
        for size in SIZES[1:]
        for purpose in ("any", "maskable")
    ]
    described = {
        "id": "/",
        "name": provider.called,
        "short_name": provider.called[:24],
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "lang": str(provider.locale).replace("_", "-"),
        "theme_color": derive_accent_colors(accent).light.button,
        "background_color": LIGHT_CANVAS,
        "icons": icons,
        "shortcuts": [
            {"name": _("Open a case"), "url": "/new"},
            {"name": _("Cases"), "url": "/cases"},
        ],
    }
    answer = Response(json.dumps(described, ensure_ascii=False), mimetype="application/manifest+json")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@installation.get("/app-icon/<int:size>-<version>.png")
@open_to_all
def icon(size: int, version: str) -> Response:
    """The icon in one of SIZES, under the version of its drawing."""
    provider = ctx().provider
    accent = provider.accent or BUILT_IN
    if size not in SIZES or version != icon_version(provider.called, accent):
        abort(404)
    answer = Response(draw_icon(provider.called, accent, size), mimetype="image/png")
    answer.headers["Cache-Control"] = FOR_EVER
    return answer


@installation.get("/service-worker.js")
@open_to_all
def service_worker() -> Response:
    """The script that works for all pages of the portal, also while none is open: it keeps the page `offline` with its
    style, and shows what is pushed. It keeps nothing else."""
    answer = Response(
        render_template("installation/service-worker.js", theme=current_frame().theme_css), mimetype="text/javascript"
    )
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@installation.get("/offline")
@open_to_all
def offline() -> Any:
    """The page that the service worker shows without a connection. It is the same for every reader: the service worker
    asks for it without a session."""
    support = current_frame().support
    if support is not None:
        support.hours = ""  # it is kept for long, and hours would be those of another day
    return page("installation/offline.html")
