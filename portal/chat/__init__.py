"""Live chat: a case from its first line, whose transcript is the conversation of the case."""
