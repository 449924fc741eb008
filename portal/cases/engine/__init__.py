"""Pure rules of cases: no database, no Flask."""
