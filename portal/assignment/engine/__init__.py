"""Who is next: pure functions without a database."""
