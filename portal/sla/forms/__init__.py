"""The forms about promises."""
