"""People who registered themselves: whom they reach by the domain of their address, and who waits for a decision."""
