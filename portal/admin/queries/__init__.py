"""Reads for the administration: what is still missing (`gaps`), and who changed something last (`changes`)."""
