"""Forms of the administration. Forms and actions validate values; pages never do."""
