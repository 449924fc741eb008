"""The globals and filters of all templates."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from babel.numbers import format_decimal
from flask import Flask, current_app, request
from markupsafe import Markup, escape
from werkzeug.local import LocalProxy

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.web import csrf, current, times
from portal.web.drafts import draft_line
from portal.web.headers import script_nonce
from portal.web.page_frame import current_frame
from portal.web.read_only_view import link_attributes, read_only
from portal.web.rich_text import keep_lines, mail_text, rich_text
from portal.web.role_labels import role_name
from portal.web.tabs import more_tabs


def register_template_globals(app: Flask) -> None:
    """Register the globals and filters."""

    def may(permission: str, subject: Any = None) -> bool:
        return can(current.ctx().actor, Permission(permission), subject)

    def query_with(**changes: Any) -> str:
        """The current URL with query parameters changed; None or '' drops one."""
        values = {**request.args.to_dict(), **changes}
        kept = {k: v for k, v in values.items() if v not in (None, "", False)}
        # Not url_for: a parameter called `_method` or `_external` would be an instruction to it.
        return f"{request.path}?{urlencode(kept)}" if kept else request.path

    app.jinja_env.globals.update(
        can=may,
        csrf_token=csrf.form_token,
        ctx=LocalProxy(current.ctx),
        shell=LocalProxy(current_frame),
        current_frame=current_frame,
        draft_line=draft_line,
        draw_options=draw_options,
        local_time=times.local_time,
        relative_time=times.relative_time,
        time_words=times.time_words,
        day_words=times.day_words,
        date_words=times.date_words,
        full_time=times.full_time,
        link_attributes=link_attributes,
        more_tabs=more_tabs,
        query_with=query_with,
        read_only=read_only,
        role_name=role_name,
        script_nonce=script_nonce,
    )
    app.jinja_env.filters.update(rich_text=rich_text, mail_text=mail_text, keep_lines=keep_lines, file_size=file_size)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def draw_options(pairs: Iterable[tuple[Any, Any]], chosen: Any) -> Markup:
    """The options of a select for *pairs* (value, text): lists have hundreds, and a loop of a template takes twice as
    long."""
    selected = str(chosen or "")
    drawn = [
        f'<option value="{escape(value)}"{" selected" if value == selected else ""}>{escape(text)}</option>'
        for value, text in ((str(value), text) for value, text in pairs)
    ]
    return Markup("\n".join(drawn))  # noqa: S704 - escaped


def load_macro(template: str, name: str) -> Any:
    """A macro of a component, for words that are finished in Python (cells of lists): called like a function."""
    return getattr(current_app.jinja_env.get_template(template).module, name)


def file_size(size: int) -> str:
    """ "88 kB", "1.2 MB", with the reader's decimal sign and a space that does not break."""
    if size < 1000:
        return f"{size}\N{NO-BREAK SPACE}B"
    if size < 1_000_000:
        return f"{size / 1000:.0f}\N{NO-BREAK SPACE}kB"
    number = format_decimal(size / 1_000_000, format="0.0", locale=times.reader_locale())
    return f"{number}\N{NO-BREAK SPACE}MB"
