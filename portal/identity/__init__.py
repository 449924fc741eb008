"""People and their sign-in: users, addresses, passwords, sessions, invitations, resets."""
