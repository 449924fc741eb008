"""Reads of mailboxes and of mails that arrived, and the decision about a mail."""
