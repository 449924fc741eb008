"""Pure rules of approvals: no database, no Flask."""
