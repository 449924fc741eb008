"""The demo world: six lines of contract.md as data, built by the same actions that people use."""
