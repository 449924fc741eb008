"""Pure parts of announcements: no database, no request."""
