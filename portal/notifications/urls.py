"""Addresses in mails: the scheme and port of BASE_URL, the host of the provider itself."""

from urllib.parse import urlsplit

from flask import current_app

from portal.kernel.context import Context
from portal.tenants.queries.providers import primary_host


def site_url(ctx: Context) -> str:
    """`https://support.northwind.example` or, in the demo, `http://northwind.localhost:8000`; no slash at the end."""
    config = current_app.config["PARLEY"]
    base = urlsplit(config.base_url if "://" in config.base_url else f"http://localhost:{config.port}")
    port = f":{base.port}" if base.port else ""
    return f"{base.scheme}://{primary_host(ctx)}{port}"
