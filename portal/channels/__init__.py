"""Ways in which cases and replies arrive beside the pages: each calls the actions of cases."""
