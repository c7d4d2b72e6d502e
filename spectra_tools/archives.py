"""What an archive that nobody vouches for may bring: damage, and names that cannot be stored."""

import errno
import lzma
import tarfile
import zipfile
import zlib
from contextlib import contextmanager

from pathvalidate import FileNameValidator, is_valid_filename

DAMAGE = (
    tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError,
    NotImplementedError,  # zipfile: a way of compressing that it does not know
    UnicodeDecodeError,  # zipfile: a name that says it is UTF-8, and is not
)  # fmt: skip
# what Windows takes for a device; pathvalidate knows all of them but two
DEVICES = {*FileNameValidator(platform="windows").reserved_keywords, "CONIN$", "CONOUT$"}


@contextmanager
def explain_damage(describe):
    """Turn what `tarfile` and `zipfile` raise for a damaged archive into one error.

    Parameters
    ----------
    describe : callable
        Gets what was raised and returns the error to raise, a `ValueError`.
    """
    try:
        yield
    except DAMAGE as error:
        # bz2 and gzip raise an OSError without a number; a wrong place in a zip is invalid to seek
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise  # the disk is to blame, not the archive
        raise describe(error) from error


def is_device(name):
    """Tell whether Windows takes a name for a device, whatever follows the first dot."""
    return name.partition(".")[0].rstrip().upper() in DEVICES


def is_storable(name):
    """Tell whether Windows, macOS and Linux all store a file or folder under a name as it is."""
    if name in (".", "..") or is_device(name):
        return False
    try:
        return is_valid_filename(name, platform="universal", max_len=255, fs_encoding="utf-8")
    except UnicodeEncodeError:  # the name came in bytes that are no UTF-8
        return False
