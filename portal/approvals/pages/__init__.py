"""What pages of approvals show."""
