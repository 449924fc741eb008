"""Pure rules of articles: no database and no request."""
