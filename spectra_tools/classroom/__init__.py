"""What the assignments need: personal data, checks that teach, and the tools round nbgrader."""
