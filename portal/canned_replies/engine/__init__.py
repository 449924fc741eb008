"""What canned replies are without a database: placeholders, and what a macro would do."""
