"""Training files: an image of n × 3000 spectra and a table of objid and label (lesson 01)."""

import numpy as np
from astropy.table import Table

from spectra_helpers.data import CLASSES, UNKNOWN
from spectra_helpers.files.fits_file import hold_fits, name_columns, open_fits, quiet
from spectra_helpers.files.spectra_file import Layout, SpectraFile
from spectra_helpers.files.training_check import (
    CHUNK,
    N_PIXELS,
    check_file,
    find_label_problem,
    find_structure_problems,
)


def identify_training(hdus):
    """Tell whether an open FITS file is meant as a training file, right or wrong."""
    if name_columns(hdus, 1) & {"OBJID", "LABEL"}:
        return True
    return len(hdus[0].shape) == 2 and N_PIXELS in hdus[0].shape


def open_training(hdus, path):
    """Read all of a training file but its spectra; `ValueError` if its form is wrong."""
    if problems := find_structure_problems(hdus, path):
        raise ValueError(" ".join(problems))
    label = np.asarray(hdus[1].data["label"])
    return TrainingFile(
        path=path,
        layout=TRAINING.name,
        label=np.where(np.isin(label, range(len(CLASSES))), label, UNKNOWN).astype(np.int64),
        objid=hdus[1].data["objid"].astype(np.int64),
        label_problem=find_label_problem(label, path),
        has_ivar="IVAR" in hdus,
    )


class TrainingFile(SpectraFile):
    """A training file, whose spectra are read when they are asked for, some at a time."""

    is_training = True

    def read_into(self, flux, places, rows):
        """Read rows as they are, one chunk of the image at a time; return their TRUTH table."""
        with open_fits(self.path) as hdus:
            _read_rows(hdus[0], flux, places, rows)
            return Table.read(hdus["TRUTH"])[rows] if "TRUTH" in hdus else None

    def read_ivar_into(self, ivar, places, rows):
        """Read rows of the IVAR image."""
        with open_fits(self.path) as hdus:
            _read_rows(hdus["IVAR"], ivar, places, rows)

    def iterate_flux(self, n):
        """Yield ``(first row, flux)``; the file is opened once and stays open between them."""
        yield from zip(range(0, len(self), n), self._iterate_image(0, n), strict=True)

    def iterate_ivar(self, n):
        """Yield parts of the IVAR image, from the file opened once more.

        A compressed file is read forward only: to go to and fro between two images would unpack it
        once for each part.
        """
        return self._iterate_image("IVAR", n)

    def _iterate_image(self, hdu, n):
        with hold_fits(self.path) as hdus:
            for start in range(0, len(self), n):
                with quiet():
                    part = _as_float32(hdus[hdu].section[start : start + n])
                yield part

    def find_problems(self):
        """Return the sentences of `check_file`."""
        return check_file(self.path)


def _read_rows(image, array, places, rows):
    for start in range(rows.min(), rows.max() + 1, CHUNK):
        chunk = np.flatnonzero((rows >= start) & (rows < start + CHUNK))
        if chunk.size:
            block = image.section[start : rows[chunk].max() + 1]
            array[places[chunk]] = _as_float32(block[rows[chunk] - start])


def _as_float32(flux):
    with np.errstate(over="ignore"):  # a number too large becomes infinite: a bad row
        return flux.astype(np.float32)


TRAINING = Layout(
    "training file",
    f"image of n rows × {N_PIXELS} pixels, table with the columns objid and label",
    identify_training,
    open_training,
)
