"""Files: staged before a form is sent, attached when it is, served only through their case or message."""
