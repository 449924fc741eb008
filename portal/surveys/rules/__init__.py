"""Pure rules: who is asked, what a set of questions may hold, what an answer counts as. No database."""
