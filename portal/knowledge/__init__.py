"""The knowledge base: help articles in categories, for readers whom their audience names (docs/knowledge.md)."""
