"""Whether a text only thanks: such a reply neither reopens a case nor restarts a clock (DESIGN 3)."""
