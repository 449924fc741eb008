"""Bulk data and measurements. The application never imports this package."""
