"""What a lecturer or an operator runs; lessons never import it."""
