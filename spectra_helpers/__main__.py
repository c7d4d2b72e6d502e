"""``python -m spectra_helpers`` is the ``spectra`` command."""

from spectra_helpers.cli import app

app(prog_name="spectra")
