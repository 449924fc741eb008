"""What administrators type. What may stand in a field is decided here and in the actions, never in a page."""
