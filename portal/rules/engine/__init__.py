"""What is pure about rules: conditions, the plan of what rules do, and the moments of time rules."""
