"""The frame around a page: brand, menus, counts, the person. One object, built once a request, only when a page
asks."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import g, request
from flask_babel import get_locale

from portal.kernel import clock
from portal.kernel.context import Context
from portal.web import theme


@dataclass(slots=True)
class Item:
    """One entry of a menu."""

    key: str
    label: str
    href: str
    icon: str = ""
    count: int | str | None = None
    tone: str = ""
    current: bool = False


@dataclass(slots=True)
class Group:
    label: str
    items: list[Item]

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)


@dataclass(slots=True)
class Person:
    name: str
    initials: str


@dataclass(slots=True)
class Support:
    hours: str = ""
    phone: str = ""
    email: str = ""


@dataclass(slots=True)
class Shell:
    """What the layouts read; see docs/design-system.md."""

    surface: str = "outside"
    brand_name: str = "Parley"
    theme: str = "auto"
    density: str = "comfortable"
    locale: str = "en"
    server_time: str = ""
    person: Person | None = None
    nav: list[Item] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    bottom: list[Item] = field(default_factory=list)
    accounts: list[Any] = field(default_factory=list)
    bell_count: int | str = 0
    switch_to: Item | None = None
    open_case_href: str = ""
    search_href: str = ""
    search_label: str = ""
    sign_out_href: str = "/sign-out"
    profile_href: str = "/me"
    notifications_href: str = "/notifications"
    home_href: str = "/"
    support_href: str = "/support"
    support: Support | None = None
    theme_css: str = ""
    logo_href: str = ""
    shortcuts: bool = True


Furnish = Callable[[Context, Shell], None]
_furnish: Furnish | None = None


def install(furnish: Furnish) -> None:
    """Let *furnish* (navigation.py) put the menus in."""
    global _furnish
    _furnish = furnish


def stamp(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def shell() -> Shell:
    """The shell of this request."""
    if "shell" in g:
        built: Shell = g.shell
        return built
    context: Context | None = g.get("ctx")
    frame = Shell(locale=str(get_locale() or "en"), server_time=stamp(context.now if context else clock.now()))
    g.shell = frame
    if context is None or context.provider is None:
        return frame
    frame.brand_name = context.provider.called
    frame.theme_css = theme.address_of(context.provider.accent)
    frame.logo_href = f"/brand/{context.provider.logo_file}" if context.provider.logo_file else ""
    frame.support = Support(phone=context.provider.support_phone, email=context.provider.support_email)
    if context.person is not None:
        frame.person = Person(context.person.name, context.person.initials)
        frame.theme, frame.shortcuts = context.person.theme, context.person.shortcuts
        if context.actor.is_staff:
            frame.density = context.person.density
            frame.surface = "admin" if request.path.startswith("/admin") else "desk"
        else:
            frame.surface = "portal"
        if _furnish:
            _furnish(context, frame)
    return frame
