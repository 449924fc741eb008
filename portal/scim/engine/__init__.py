"""Pure rules of SCIM: no database, no network."""
