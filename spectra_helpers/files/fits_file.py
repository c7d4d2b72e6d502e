"""FITS files that may be anything: opened once, and what is wrong with them in one sentence."""

import gzip
import io
import warnings
import zlib
from contextlib import contextmanager
from pathlib import Path

from astropy.io import fits

# what astropy raises, sooner or later, on a file that was cut or overwritten
DAMAGE = (
    OSError, EOFError, AttributeError, KeyError, IndexError, TypeError, UnicodeError, zlib.error,
    fits.VerifyError, AssertionError, UnboundLocalError,
)  # fmt: skip
GZIP = b"\x1f\x8b"  # how a file compressed by gzip begins, whatever its name


class PatientGzip(gzip.GzipFile):
    """A compressed file that goes to a place only when something is read there.

    After each part of an image astropy goes back to where it was. In a compressed file every way
    back begins at the start of the file, so reading in parts would unpack it once for each part.
    """

    place = None

    def seek(self, offset, whence=io.SEEK_SET):
        """Remember where to read next."""
        if whence == io.SEEK_SET:
            self.place = offset
            return offset
        self._go()
        return super().seek(offset, whence)

    def tell(self):
        """Return where we read next."""
        return super().tell() if self.place is None else self.place

    def read(self, size=-1):
        """Go there, and read."""
        self._go()
        return super().read(size)

    def _go(self):
        place, self.place = self.place, None
        if place is not None and place != super().tell():
            super().seek(place)


@contextmanager
def quiet():
    """Silence the warnings of astropy: `find_truncation` tells of a cut file in our words."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def open_fits(path):
    """Open a FITS file for reading in parts, without warnings.

    Parameters
    ----------
    path : str or Path

    Yields
    ------
    astropy.io.fits.HDUList

    Raises
    ------
    ValueError
        If the file is not there, is not FITS, or turns out to be damaged while it is read.
    """
    with quiet(), hold_fits(path) as hdus:
        yield hdus


@contextmanager
def hold_fits(path):
    """Open a FITS file as `open_fits` does, for a reader that stops and lets others work.

    Warnings are silenced for the whole program, so the reader does it (`quiet`) while it reads and
    not while others work.
    """
    path = Path(path)
    _require_content(path)
    try:
        with open(path, "rb") as file:
            with quiet():
                packed = file.peek(2).startswith(GZIP)
                content = PatientGzip(fileobj=file) if packed else file
                hdus = fits.open(content, memmap=False)
            with hdus:
                with quiet():
                    len(hdus)  # reads all headers
                yield hdus
    except DAMAGE as error:
        raise ValueError(_explain_unreadable(path)) from error
    except ValueError as error:
        if path.name in str(error):  # a sentence of ours
            raise
        raise ValueError(_explain_unreadable(path)) from error


def _require_content(path):
    if not path.exists():
        raise ValueError(f"{path} is not there: check the path.")
    if path.is_dir():
        raise ValueError(f"{path} is a folder: give the files in it.")
    if path.stat().st_size == 0:
        raise ValueError(f"{path} is empty (0 bytes): get it again.")


def _explain_unreadable(path):
    try:
        with open(path, "rb") as file:
            start = file.read(6)
    except OSError as error:
        return f"{path} cannot be read ({error.strerror}): check who may read it."
    if start == b"SIMPLE":
        return f"{path} is a damaged FITS file: get it again."
    if start[:2] == GZIP:
        return f"{path} is compressed and damaged, or not a FITS file inside: get it again."
    return f"{path} is not a FITS file: give a file that starts with a FITS header."


def find_truncation(hdus, path):
    """Return a sentence if the file ends before its data do, else None."""
    if _is_compressed(hdus):
        return None
    info = hdus[-1].fileinfo()
    expected, size = info["datLoc"] + hdus[-1].size, Path(path).stat().st_size
    if size >= expected:
        return None
    return f"{path} is truncated: {size:,} of {expected:,} bytes. Get it again."


def ends_in_a_header(hdus, path):
    """Tell whether something follows the last HDU that can be read: a header that was cut."""
    info, size = hdus[-1].fileinfo(), Path(path).stat().st_size
    return not _is_compressed(hdus) and size > info["datLoc"] + info["datSpan"]


def require_whole(hdus, path):
    """Check that an open file was not cut; `ValueError` if it was."""
    if problem := find_truncation(hdus, path):
        raise ValueError(problem)
    if ends_in_a_header(hdus, path):
        raise ValueError(f"{path} is truncated in a header after HDU {len(hdus)}. Get it again.")


def _is_compressed(hdus):
    """Tell by content: some programs unpack a file and leave it its name, or the reverse."""
    return hdus[0].fileinfo()["file"].compression is not None


def has_table(hdus, number):
    """Tell whether an HDU is there and is a table."""
    return len(hdus) > number and isinstance(hdus[number], fits.BinTableHDU)


def name_columns(hdus, number):
    """Return the names of a table's columns in capitals; empty where there is no table."""
    if not has_table(hdus, number):
        return set()
    return {str(name).upper() for name in hdus[number].columns.names}
