"""What keeps the notebooks in order: run them, link them, make the lecturer's pages."""
