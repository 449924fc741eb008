"""Versions of what a form was drawn from: a second writer is told of the first instead of overwriting the change."""

import hashlib

from wtforms import HiddenField

from portal.web.forms import Form


class VersionedForm(Form):
    """A form that carries the version that it was drawn from."""

    version = HiddenField()


def fingerprint(*values: object) -> str:
    """A short hash of *values*: the version of rows without a version column."""
    return hashlib.sha256(repr(values).encode()).hexdigest()[:16]
