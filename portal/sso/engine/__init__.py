"""Pure rules of single sign-on: no database, no network."""
