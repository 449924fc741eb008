"""The writes of assignment."""
