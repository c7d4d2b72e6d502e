"""The published training files: fetched, unpacked and checked (``spectra download``)."""

import hashlib
import shutil
from contextlib import contextmanager
from datetime import date
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import pooch

from spectra_helpers.files import require_folder, require_space
from spectra_helpers.lessons import data_folder
from spectra_tools.download.archive import BadArchiveError, unpack_training_files
from spectra_tools.download.record import (
    collect_facts,
    describe_record,
    find_change,
    is_complete,
    looks_same,
    read_record,
    write_record,
)
from spectra_tools.download.transfer import RemoteFile, ResumingDownloader, open_url

# The link in data/data_link.txt of the published project; dl=1 asks Dropbox for the file itself
# and not for a page about it.
ADDRESS = (
    "https://www.dropbox.com/scl/fi/tp81mfopdqbep50vwhhhb/spectra_training_data.tar"
    "?rlkey=l2v9gr2dswpka2yk6gx9q9e6v&dl=1"
)


def download_spectra(source=None, folder=None, force=False, warn=print):
    """Fetch an archive of training files, or tell whether the one fetched before is unchanged.

    Parameters
    ----------
    source : str, optional
        Address (http, https) or a file on this computer; default: the published archive.
    folder : Path, optional
        Where the files go; it is made if needed. Default: `data_folder`.
    force : bool
        Fetch again what is there already, and replace files that differ.
    warn : callable
        Called with a sentence when the archive is not the one that was recorded.

    Returns
    -------
    str
        What is in the folder now.

    Raises
    ------
    ValueError
        If the archive cannot be had, is damaged or unsafe, holds something other than training
        files, does not fit on the disk, or would replace other files. Nothing is left half
        written; the part of an archive that came is kept, and the next call goes on from there.
    """
    source = ADDRESS if source is None else str(source)
    folder = data_folder() if folder is None else Path(folder)
    require_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    record = read_record(folder)
    if record and not force and is_complete(record, folder):
        _compare_source(record, source, warn)
        return f"Unchanged: {describe_record(record, folder)}, fetched on {record['date']}."
    with _provide_archive(source, folder, force) as (archive, facts):
        new = {"date": date.today().isoformat(), "archive": facts}
        with _empty_folder(folder / ".unpacking") as temporary:
            new["files"] = unpack_training_files(archive, temporary)
            _install(new, temporary, folder, force)
    if record and record["archive"]["sha256"] != facts["sha256"]:
        warn(f"This is another archive than the one of {record['date']}: its SHA-256 differs.")
    return f"Good: {describe_record(new, folder)}."


@contextmanager
def _provide_archive(source, folder, force):
    """Yield the path of the archive and the facts to record; delete what was fetched in the end.

    An archive that was fetched stays after errors that are not its own, such as a full disk; with
    `force` it is fetched again.
    """
    if not _is_address(source):
        path = _require_file(source)
        yield path, collect_facts(path, str(path.resolve()), None)
        return
    path = folder / _name_archive(source)
    if force:
        path.unlink(missing_ok=True)
    loader = ResumingDownloader(
        path.with_name(f"{path.name}.part"),
        # a tar is as large as the files in it, and both are on the disk at the end
        space_for=lambda rest, whole: require_space(folder, rest + whole),
    )
    pooch.get_logger().setLevel("WARNING")  # it would repeat the SHA-256 on the screen
    pooch.retrieve(source, None, fname=path.name, path=folder, downloader=loader)
    try:
        yield path, collect_facts(path, source, loader.read_note())
    except BadArchiveError:
        path.unlink()
        loader.forget()
        raise
    path.unlink()
    loader.forget()


def _require_file(source):
    path = Path(source)
    if path.is_file():
        return path
    raise ValueError(
        f"{source} is not a file: give --from an archive on this computer, or an address that "
        "starts with https://."
    )


def _name_archive(address):
    """Return a file name that no other address has, so that two archives are never mixed."""
    if urlsplit(address).scheme not in ("http", "https"):
        raise ValueError(f"{address} cannot be fetched: give an address with http:// or https://.")
    mark = hashlib.sha256(address.encode()).hexdigest()[:8]
    return f"download-{mark}-{PurePosixPath(urlsplit(address).path).name or 'archive'}"


@contextmanager
def _empty_folder(path):
    """Make a folder, without what an interrupted call may have left in it, and delete it."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir()
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _install(record, temporary, folder, force):
    """Move the files to their place and write the record."""
    for name, facts in record["files"].items():
        path = folder / name
        if path.exists() and not force and find_change(path, facts):
            raise ValueError(
                f"{path} is there already, with other content: add --force to replace it, or "
                "choose another folder with -o."
            )
    for name in record["files"]:
        (temporary / name).replace(folder / name)
    write_record(folder, record)


def _compare_source(record, source, warn):
    """Warn if the source now gives something else than what was recorded, or cannot be asked."""
    old = record["archive"]
    if not _is_address(source):
        same = not find_change(_require_file(source), old)
    else:
        try:
            with open_url(source) as response:
                same = looks_same(old, source, RemoteFile.from_headers(response.headers))
        except ValueError as error:
            warn(f"The files are those of {record['date']}, but {error}")
            return
    if not same:
        warn(
            f"{source} now gives something else than on {record['date']}: with --force the new "
            "archive replaces the old files."
        )


def _is_address(source):
    return "://" in source
