"""Forms of surveys: answering a version's questions, following up, writing questions and rules."""
