"""Reads for the administration: missing configuration (`setup_checklist`) and last changes (`changes`)."""
