"""Cases: what Parley is for."""
