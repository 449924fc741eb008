"""Writes on chats. Lines are messages of the case, written by the actions of cases."""
