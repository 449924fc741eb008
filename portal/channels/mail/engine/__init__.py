"""Reading of mail without a database: bytes in, facts out. Nothing in here raises for a malformed message."""
