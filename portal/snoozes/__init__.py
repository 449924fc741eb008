"""Cases that an agent put aside until a moment."""
