"""Pure rules of surveys: who is invited, which sets of questions are valid, and how answers are scored. No database."""
