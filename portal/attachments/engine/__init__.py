"""What is pure about files: the thumbnail of a picture."""
