"""Changes of mailboxes, and what is done with mails that arrive."""
