"""The layouts that we know: one file each, with what recognises it beside what reads it.

A new layout is one more file here and one more name in `LAYOUTS`; the first that identifies a file
as its own opens it.
"""

from spectra_helpers.files.layouts.lamost_image import LAMOST_DR1, LAMOST_DR5
from spectra_helpers.files.layouts.lamost_table import LAMOST_DR9
from spectra_helpers.files.layouts.sdss_table import SDSS
from spectra_helpers.files.layouts.training import TRAINING

LAYOUTS = (TRAINING, LAMOST_DR1, LAMOST_DR5, LAMOST_DR9, SDSS)
