"""Approvals: a case waits for the yes of people of the client, or of colleagues."""
