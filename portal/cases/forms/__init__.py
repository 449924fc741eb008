"""The forms about cases, with the field names of contract.md."""
