"""SCIM 2.0 (RFC 7644): the identity provider of an organization adds, changes and removes its people."""
