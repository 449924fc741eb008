"""Connections to mail servers that people named: IMAP to read, SMTP to send."""
