"""Tasks: what is still to do on a case, as a list that staff tick off. Customers see nothing of it."""
