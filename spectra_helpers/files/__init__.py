"""Any file in, spectra out; training files; writing whole or not at all (lesson 01)."""

from spectra_helpers.files.open import open_spectra, read_spectra
from spectra_helpers.files.output import (
    replace_when_done,
    require_folder,
    require_memory,
    require_output,
    require_space,
)
from spectra_helpers.files.rebin import find_edges, rebin_flux
from spectra_helpers.files.repeats import Repeats
from spectra_helpers.files.tables import read_table, write_table
from spectra_helpers.files.training_check import check_file
from spectra_helpers.files.training_write import require_training_name, write_spectra

__all__ = [
    "Repeats",
    "check_file",
    "find_edges",
    "open_spectra",
    "read_spectra",
    "read_table",
    "rebin_flux",
    "replace_when_done",
    "require_folder",
    "require_memory",
    "require_output",
    "require_space",
    "require_training_name",
    "write_spectra",
    "write_table",
]
