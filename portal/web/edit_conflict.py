"""Versions of the object behind a form: a second writer gets a conflict instead of overwriting the first change."""

import hashlib

from wtforms import HiddenField

from portal.web.forms import Form


class VersionedForm(Form):
    """A form with a hidden field for the version it was rendered from."""

    # A draft was written about a version, and knows it: saving it over a newer one is a conflict.
    drawn_anew = Form.drawn_anew - {"version"}
    version = HiddenField()


def fingerprint(*values: object) -> str:
    """A short hash of *values*: the version of rows without a version column."""
    return hashlib.sha256(repr(values).encode()).hexdigest()[:16]
