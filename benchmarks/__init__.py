"""Measurements of speed and accuracy, side by side: each module is one command."""
