"""Presets: whole portals as data files, loaded by the same actions that a person uses."""
