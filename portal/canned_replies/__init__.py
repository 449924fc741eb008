"""Canned replies: texts with placeholders that agents put into replies and chats, shared or own."""
