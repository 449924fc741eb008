"""What pages of rules show."""
