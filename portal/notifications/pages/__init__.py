"""Pages that several views, or several kinds of links, draw."""
