"""What the pages of canned replies share."""
