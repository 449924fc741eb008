"""People and how they get in: users, addresses, passwords, sessions, invitations, resets."""
