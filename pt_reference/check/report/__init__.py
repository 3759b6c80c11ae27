"""What was found, told: in the terminal, and in files."""
