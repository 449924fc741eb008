"""How new cases without an owner find one: by hand, by turn, or to whom has fewest open cases."""
