"""Writes to tenancy: `providers`, `clients` (organizations, accounts, environments), `people` (contacts), `staff`."""
