"""Pure rules of surveys: who is invited, what a set of questions may hold, what an answer counts as. No database."""
