"""The audiences and states of articles. `policies.visible_articles` is the one scope that reads them."""

DRAFT, PUBLISHED, WITHDRAWN = "draft", "published", "withdrawn"
STATES = (DRAFT, PUBLISHED, WITHDRAWN)

EVERYBODY, SIGNED_IN, ORGANIZATIONS, ROLES, STAFF = "everybody", "signed_in", "organizations", "roles", "staff"
AUDIENCES = (EVERYBODY, SIGNED_IN, ORGANIZATIONS, ROLES, STAFF)
