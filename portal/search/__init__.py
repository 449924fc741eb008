"""Finding cases by words, under row-level security."""
