"""The colors and the logo of a provider, which every page loads, the sign-in page too."""

from flask import Response, abort

from portal.kernel import accent_colors
from portal.kernel.storage import storage
from portal.web.current import ctx
from portal.web.guards import FeatureBlueprint, public

branding = FeatureBlueprint("branding", __name__)

FOR_EVER = "public, max-age=31536000, immutable"


@branding.get("/theme/<name>.css")
@public("colors are no secret; the address holds nothing but the color")
def theme_css(name: str) -> Response:
    """The style sheet of an accent. It depends on its address alone, so it may be kept for ever."""
    accent = f"#{name.partition('-')[0]}"
    if accent_colors.stylesheet_path(accent) != f"/theme/{name}.css":
        abort(404)
    answer = Response(accent_colors.build_stylesheet(accent), mimetype="text/css")
    answer.headers["Cache-Control"] = FOR_EVER
    return answer


@branding.get("/brand/<name>")
@public("the logo stands on the sign-in page")
def logo(name: str) -> Response:
    """The logo of the host's provider under its current name; nothing of any other provider."""
    provider = ctx().provider
    if not provider.logo_file or name != provider.logo_file:
        abort(404)
    try:
        content = storage().read(name)
    except FileNotFoundError:
        abort(404)
    answer = Response(content, mimetype=provider.logo_type)
    answer.headers["Cache-Control"] = FOR_EVER
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return answer
