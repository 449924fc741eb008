"""What addresses of phone answer that are no pages for people."""
