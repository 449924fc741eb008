"""The views of canned replies. Importing this package registers them on the blueprint."""

from portal.canned_replies.routes import own, picker, shared
from portal.canned_replies.routes.blueprint import canned_replies

__all__ = ["canned_replies", "own", "picker", "shared"]
