"""What can be wrong with a training file, one sentence each (lesson 01, ``spectra check``)."""

import numpy as np
from astropy.io import fits

from spectra_helpers.data import CLASSES, WAVELENGTH
from spectra_helpers.files.fits_file import ends_in_a_header, find_truncation, has_table, open_fits

N_PIXELS = len(WAVELENGTH)
CHUNK = 500  # rows read at a time: 12 MB of float64


def find_structure_problems(hdus, path):
    """Return sentences on the form of a training file: its HDUs, shape, columns and their types."""
    problems = [x for x in (find_truncation(hdus, path), _find_image_problem(hdus, path)) if x]
    if problems:
        return problems
    if len(hdus) < 2 and ends_in_a_header(hdus, path):
        return [f"{path} is truncated in the header of its second HDU. Get it again."]
    if not has_table(hdus, 1):
        return [f"{path} has no second HDU with a table: add one with columns objid and label."]
    return _find_table_problems(hdus, path)


def _find_image_problem(hdus, path):
    shape = hdus[0].shape
    if len(shape) != 2:
        return (
            f"{path} has no image of spectra in its first HDU (shape {shape}): "
            f"it needs one of n rows × {N_PIXELS} pixels."
        )
    if shape[1] == N_PIXELS:
        return f"{path} holds no spectra." if shape[0] == 0 else None
    if shape[0] == N_PIXELS:
        return (
            f"{path} is transposed: {shape[0]} rows × {shape[1]} pixels. "
            "Write one spectrum a row (NAXIS1 = 3000)."
        )
    return (
        f"{path} has spectra of {shape[1]} pixels: put them on the grid of {N_PIXELS} from "
        "3900 to 9000 Å."
    )


def _find_table_problems(hdus, path):
    names = [name.lower() for name in hdus[1].columns.names]
    missing = [name for name in ("objid", "label") if name not in names]
    if missing:
        return [f"{path} has no column {' and no column '.join(missing)} in its second HDU."]
    problems = []
    n, rows = hdus[0].shape[0], len(hdus[1].data)
    if rows != n:
        problems.append(f"{path} has {n} spectra, but {rows} rows in its table: it needs one each.")
    if "TRUTH" in hdus and len(hdus["TRUTH"].data) != n:
        problems.append(
            f"{path} has {n} spectra, but {len(hdus['TRUTH'].data)} rows in its TRUTH table."
        )
    if problem := _find_ivar_problem(hdus, path):
        problems.append(problem)
    for name in ("objid", "label"):
        if not _holds_integers(hdus[1].data[name]):
            problems.append(f"{path} has a column {name} that does not hold whole numbers.")
    return problems


def _find_ivar_problem(hdus, path):
    if "IVAR" not in hdus:
        return None
    hdu, wanted = hdus["IVAR"], hdus[0].shape
    if isinstance(hdu, fits.ImageHDU | fits.CompImageHDU) and hdu.shape == wanted:
        return None
    what = "table" if isinstance(hdu, fits.BinTableHDU) else f"image of shape {hdu.shape}"
    return (
        f"{path} has {wanted[0]} spectra, but an IVAR that is a {what}: it needs an image of "
        f"{wanted[0]} rows × {wanted[1]} pixels, or no IVAR."
    )


def _holds_integers(column):
    if column.ndim != 1 or column.dtype.kind not in "iuf":
        return False
    return column.dtype.kind != "f" or bool(np.all(column == np.round(column)))


def find_label_problem(label, path):
    """Return a sentence naming the rows whose label is not 0, 1 or 2, else None."""
    rows = np.flatnonzero(~np.isin(label, range(len(CLASSES))))
    if not rows.size:
        return None
    found = np.unique(np.asarray(label)[rows]).tolist()
    return f"{path} has labels outside 0–2 ({_list(found)}) in {name_rows(rows)}."


def find_bad_rows(flux):
    """Find spectra that no method can use.

    Parameters
    ----------
    flux : ndarray, shape (n_spectra, n_pixels)

    Returns
    -------
    not_finite, all_zero : ndarray of bool, shape (n_spectra,)
        Where a value is NaN, infinite or too large for float32; where every value is 0.
    """
    flux = np.asarray(flux)
    finite = np.abs(flux) <= np.finfo(np.float32).max  # NaN compares as False
    return ~finite.all(axis=1), ~flux.any(axis=1)


def find_bad_ivar(ivar):
    """Find inverse variances that mean nothing.

    Parameters
    ----------
    ivar : ndarray, shape (n_spectra, n_pixels)

    Returns
    -------
    ndarray of bool, shape (n_spectra,)
        Where a value is negative, NaN, infinite or too large for float32.
    """
    # the extremes of a row with NaN are NaN, which compares as False
    return ~((ivar.min(axis=1) >= 0) & (ivar.max(axis=1) <= np.finfo(np.float32).max))


def describe_bad_rows(not_finite, all_zero, bad_ivar, path):
    """Return sentences on the rows that `find_bad_rows` and `find_bad_ivar` found, by number."""
    problems = []
    if len(not_finite):
        problems.append(f"{path} has NaN or infinite values in {name_rows(not_finite)}.")
    if len(all_zero):
        problems.append(f"{path} has nothing but zeros in {name_rows(all_zero)}.")
    if len(bad_ivar):
        problems.append(
            f"{path} has negative, NaN or infinite values of IVAR in {name_rows(bad_ivar)}: write "
            "0 where nothing was measured."
        )
    return problems


class BadRows:
    """Collects the rows of a file that no method can use, to tell them all at once."""

    def __init__(self, path, on_error):
        self.path, self.on_error = path, on_error
        self.not_finite, self.all_zero, self.bad_ivar = [], [], []

    def find_good(self, rows, flux, ivar=None):
        """Return which rows are good in both arrays, and remember the others."""
        not_finite, all_zero = find_bad_rows(flux)
        bad_ivar = np.zeros(len(rows), bool) if ivar is None else find_bad_ivar(ivar)
        self.not_finite.extend(rows[not_finite])
        self.all_zero.extend(rows[all_zero])
        self.bad_ivar.extend(rows[bad_ivar])
        return ~(not_finite | all_zero | bad_ivar)

    def tell(self):
        """Tell of the bad rows, if there were any, as ``spectra check`` does."""
        sentences = describe_bad_rows(self.not_finite, self.all_zero, self.bad_ivar, self.path)
        if sentences and self.on_error is None:
            raise ValueError(" ".join(sentences))
        for sentence in sentences:
            self.on_error(sentence)


def name_rows(rows):
    """Return row numbers as words, such as ``"row 3"`` or ``"90 rows (0, 1, 2, 3, 4 ...)"``."""
    rows = list(rows)
    if len(rows) == 1:
        return f"row {rows[0]}"
    return f"rows {_list(rows)}" if len(rows) <= 5 else f"{len(rows):,} rows ({_list(rows)})"


def _list(values):
    text = ", ".join(str(value) for value in values[:5])
    return f"{text} ..." if len(values) > 5 else text


def check_file(path):
    """Tell what is wrong with a training file.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    list of str
        One sentence a problem; empty for a good file. Memory stays at one chunk of rows.
    """
    try:
        with open_fits(path) as hdus:
            problems = find_structure_problems(hdus, path)
            if problems:
                return problems
            label_problem = find_label_problem(hdus[1].data["label"], path)
            problems = [label_problem] if label_problem else []
            return problems + _find_value_problems(hdus, path)
    except ValueError as error:
        return [str(error)]


def _find_value_problems(hdus, path):
    not_finite, all_zero, bad_ivar = [], [], []
    for start, flux in _iterate_chunks(hdus[0]):
        nan, zero = find_bad_rows(flux)
        not_finite.extend(start + np.flatnonzero(nan))
        all_zero.extend(start + np.flatnonzero(zero))
    if "IVAR" in hdus:
        for start, ivar in _iterate_chunks(hdus["IVAR"]):
            bad_ivar.extend(start + np.flatnonzero(find_bad_ivar(ivar)))
    return describe_bad_rows(not_finite, all_zero, bad_ivar, path)


def _iterate_chunks(image):
    for start in range(0, image.shape[0], CHUNK):
        yield start, image.section[start : start + CHUNK]
