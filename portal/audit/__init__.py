"""Who was let in or refused, who changed what people may see, and who of the staff looked into private cases."""
