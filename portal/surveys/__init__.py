"""The short survey after a case ends."""
