"""Files: staged before a form is sent, attached when it is, served only through what they hang on."""
