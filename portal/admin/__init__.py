"""Administration screens: the provider's configuration, people, queues and records."""
