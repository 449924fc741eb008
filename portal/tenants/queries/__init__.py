"""Reads about tenancy, one module for each kind of object; `actors` and `live_sessions` find who acts."""
