"""Parts of pages about cases that several routes share."""
