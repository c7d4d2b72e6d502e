"""What was downloaded, with its SHA-256, so that a later change is noticed."""

import json

import pooch

from spectra_helpers.files import replace_when_done

RECORD = "downloaded.json"  # lies beside the files


def collect_facts(path, source, remote):
    """Return what to remember of an archive; `remote` is a `RemoteFile` or None."""
    return {
        "source": source,
        "bytes": path.stat().st_size,
        "sha256": pooch.file_hash(path),
        "etag": remote.etag if remote else None,
        "modified": remote.modified if remote else None,
    }


def read_record(folder):
    """Return what `write_record` wrote, or None if nothing was downloaded into `folder`."""
    path = folder / RECORD
    if not path.exists():
        return None
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        describe_record(record, folder), record["date"], record["archive"]["sha256"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} cannot be read: delete it and download again.") from error
    return record


def write_record(folder, record):
    """Write what came into `folder`."""
    with replace_when_done(folder / RECORD) as path:
        path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def find_change(path, facts):
    """Tell whether a file differs from its record; its size tells most changes at once."""
    return path.stat().st_size != facts["bytes"] or pooch.file_hash(path) != facts["sha256"]


def is_complete(record, folder):
    """Tell whether all recorded files are there; `ValueError` if one of them was changed."""
    there = [name for name in record["files"] if (folder / name).exists()]
    changed = [name for name in there if find_change(folder / name, record["files"][name])]
    if changed:
        raise ValueError(
            f"{', '.join(changed)} in {folder} changed since the download of {record['date']} "
            "(SHA-256): add --force to fetch the archive again and replace what changed."
        )
    return len(there) == len(record["files"])


def looks_same(old, source, now):
    """Compare what a server says of its archive now with the record, without fetching it."""
    if now.size is not None and now.size != old["bytes"]:
        return False
    if source != old["source"]:
        return True  # each server has marks of its own
    mark = "etag" if now.etag and old["etag"] else "modified"
    pair = old[mark], getattr(now, mark)
    return None in pair or pair[0] == pair[1]


def describe_record(record, folder):
    """Return in words how many files and spectra were downloaded."""
    files = record["files"].values()
    spectra = sum(facts["spectra"] for facts in files)
    return f"{len(files)} training files, {spectra:,} spectra, in {folder}"
