"""The frame around a page: brand, menus, counts, the person. One object, built once a request and only if a page needs
it."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import g, request
from flask_babel import get_locale

from portal.kernel import accent_colors, clock
from portal.kernel.context import Context


@dataclass(slots=True)
class MenuItem:
    """One entry of a menu."""

    key: str
    label: str
    href: str
    icon: str = ""
    count: int | str | None = None
    tone: str = ""
    current: bool = False


@dataclass(slots=True)
class MenuGroup:
    label: str
    items: list[MenuItem]
    # What an open page tells its tick so that the numbers of the group stay true; '' where it needs nothing.
    live: str = ""
    # Whether the rail folds the group where not all of them fit.
    folds: bool = False

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)


@dataclass(slots=True)
class FramePerson:
    name: str
    initials: str


@dataclass(slots=True)
class SupportContact:
    """How to reach support. With hotlines *phone* is the first one, *hours* its present state, and *lines* has all."""

    hours: str = ""
    phone: str = ""
    email: str = ""
    lines: list[Any] = field(default_factory=list)
    calls_back: bool = False


@dataclass(slots=True)
class PageFrame:
    """What the layouts read; see docs/design-system.md."""

    surface: str = "outside"
    brand_name: str = "Parley"
    theme: str = "auto"
    density: str = "comfortable"
    locale: str = "en"
    server_time: str = ""
    person: FramePerson | None = None
    nav: list[MenuItem] = field(default_factory=list)
    groups: list[MenuGroup] = field(default_factory=list)
    bottom: list[MenuItem] = field(default_factory=list)
    # By name: what later features count for the reader (`web.feature.Feature.counts`).
    counts: Mapping[str, int] = field(default_factory=dict)
    accounts: list[Any] = field(default_factory=list)
    # The number of unread notifications, None outside; `bell_count` is its text.
    unread: int | None = None
    bell_count: int | str = 0
    switch_to: MenuItem | None = None
    open_case_href: str = ""
    # How many calls ring for the reader, on pages that show them; None elsewhere.
    ringing: int | None = None
    search_href: str = ""
    search_label: str = ""
    sign_out_href: str = "/sign-out"
    profile_href: str = "/me"
    notifications_href: str = "/notifications"
    home_href: str = "/"
    # What open pages ask every few seconds; "" on pages that do not.
    tick_href: str = ""
    support_href: str = "/support"
    # The page of the chat, where the provider has one.
    chat_href: str = ""
    # The list of drafts, where the person has some.
    drafts_href: str = ""
    # The public status page, where it says anything.
    status_href: str = ""
    support: SupportContact | None = None
    theme_css: str = ""
    logo_href: str = ""
    # The icon of the portal on the start screen of an iPhone.
    icon_href: str = ""
    shortcuts: bool = True


Furnish = Callable[[Context, PageFrame], None]
_furnish: Furnish | None = None


def register_menus(furnish: Furnish) -> None:
    """Let *furnish* (navigation.py) add the menus."""
    global _furnish
    _furnish = furnish


def utc_iso(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def current_frame() -> PageFrame:
    """The frame of this request's page."""
    if "page_frame" in g:
        built: PageFrame = g.page_frame
        return built
    context: Context | None = g.get("ctx")
    frame = PageFrame(locale=str(get_locale() or "en"), server_time=utc_iso(context.now if context else clock.now()))
    g.page_frame = frame
    if context is None or context.provider is None:
        return frame
    frame.brand_name = context.provider.called
    frame.theme_css = accent_colors.stylesheet_path(context.provider.accent)
    frame.logo_href = f"/brand/{context.provider.logo_file}" if context.provider.logo_file else ""
    frame.support = SupportContact(phone=context.provider.support_phone, email=context.provider.support_email)
    if context.person is not None:
        frame.person = FramePerson(context.person.name, context.person.initials)
        frame.theme, frame.shortcuts = context.person.theme, context.person.shortcuts
        if context.actor.is_staff:
            frame.density = context.person.density
            frame.surface = "admin" if request.path.startswith("/admin") else "desk"
        else:
            frame.surface = "portal"
    if _furnish:
        _furnish(context, frame)
    return frame
