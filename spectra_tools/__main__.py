"""``python -m spectra_tools`` is the ``spectra`` command."""

from spectra_tools.command.main import app

app(prog_name="spectra")
