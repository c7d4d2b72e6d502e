"""The command `spectra`: `main` is its face, the other files do what it says."""
