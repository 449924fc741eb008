"""Who may do what, to what, seen by whom. No Flask here."""
