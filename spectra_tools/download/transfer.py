"""A large file over HTTP: what came before a cut is kept, and the next try goes on from there."""

import json
import os
import re
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

import requests
from tqdm import tqdm
from urllib3.exceptions import ReadTimeoutError

from spectra_helpers.files import replace_when_done

TIMEOUT = 60  # seconds in which a working server sends at least one byte
TRIES = 5  # how often a cut is mended before the user is asked
BLOCK = 1 << 14  # bytes written at once: a cut loses fewer than these
INSTEAD = (
    "Without the archive: `spectra convert` makes a training file of LAMOST or SDSS files, "
    "`spectra simulate` one of simulated spectra."
)


@dataclass(frozen=True)
class RemoteFile:
    """What a server tells of a file before it sends it; None where it tells nothing."""

    size: int | None
    etag: str | None
    modified: str | None

    @classmethod
    def from_headers(cls, headers):
        """Read the headers of an answer, whole (200) or in part (206)."""
        whole = re.search(r"/(\d+)$", headers.get("Content-Range", ""))
        size = whole[1] if whole else headers.get("Content-Length")
        return cls(
            int(size) if size is not None else None,
            headers.get("ETag"),
            headers.get("Last-Modified"),
        )


class ResumingDownloader:
    """Downloader for `pooch.retrieve` that goes on where an earlier call was cut off.

    Parameters
    ----------
    part : Path
        Where the bytes gather. It outlives errors; beside it, ``<part>.json`` keeps what the
        server said of the file, so that halves of two different files are never joined.
    space_for : callable
        Called with the bytes still to come and the bytes of the whole file; raises
        `ValueError` when the disk is too small.

    Notes
    -----
    Pooch's own downloader begins anew after each cut. This one asks for the rest (HTTP Range,
    RFC 9110, section 14) and, by ``If-Range``, for all of it if the file has changed meanwhile.
    """

    def __init__(self, part, space_for):
        self.part = Path(part)
        self.note = self.part.with_name(f"{self.part.name}.json")
        self.space_for = space_for

    def __call__(self, url, output_file, pooch):
        """Fetch `url` and move it to `output_file`; the third argument is not needed."""
        for _ in range(TRIES):
            with suppress(requests.exceptions.ChunkedEncodingError):
                if self._fetch_rest(url):
                    os.replace(self.part, output_file)
                    return
        raise ValueError(
            f"{name_host(url)} cut the download off {TRIES} times. {self.part.name} keeps the "
            f"{self._count():,} bytes that came; the same command goes on from there."
        )

    def read_note(self):
        """Return what the server said of the file in the part; a `RemoteFile`, or None."""
        try:
            return RemoteFile(**json.loads(self.note.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def forget(self):
        """Delete the part and the note beside it."""
        self.part.unlink(missing_ok=True)
        self.note.unlink(missing_ok=True)

    def _fetch_rest(self, url):
        """Append what the server still has; True when the part is then complete."""
        known = self.read_note()
        have = self._count() if known else 0
        with open_url(url, _ask_for_rest(have, known)) as response:
            if response.status_code == requests.codes.requested_range_not_satisfiable:
                return self._is_whole(known) or self.forget()
            now = RemoteFile.from_headers(response.headers)
            goes_on = response.status_code == requests.codes.partial_content
            if goes_on and (now.size != known.size or not _starts_at(have, response.headers)):
                return self.forget()
            have = have if goes_on else 0
            self.space_for((now.size or 0) - have, now.size or 0)
            self._save(url, response, now, have)
        return self._is_whole(now)

    def _save(self, url, response, now, have):
        with replace_when_done(self.note) as temporary:
            temporary.write_text(json.dumps(asdict(now)), encoding="utf-8")
        progress = tqdm(
            total=now.size, initial=have, unit="B", unit_scale=True, disable=None, desc="Download"
        )
        with open(self.part, "ab") as file, progress:
            file.truncate(have)
            with explain_network(url, kept=self.part):
                for block in response.iter_content(BLOCK):
                    file.write(block)
                    progress.update(len(block))

    def _count(self):
        return self.part.stat().st_size if self.part.exists() else 0

    def _is_whole(self, remote):
        return remote is not None and remote.size in (None, self._count())


def _ask_for_rest(have, known):
    if not have:
        return {}
    strong = known.etag if known.etag and not known.etag.startswith("W/") else known.modified
    return {"Range": f"bytes={have}-", **({"If-Range": strong} if strong else {})}


def _starts_at(have, headers):
    return headers.get("Content-Range", "").startswith(f"bytes {have}-")


def open_url(url, headers=None):
    """Ask for a file and return the answer with its body still to be read (use it in ``with``).

    Raises
    ------
    ValueError
        If the server cannot be reached, does not answer in time, has no such file, or answers
        with a web page; the sentence says what else to do.
    """
    # without "identity" a server may compress on the way, and the sizes would not be the file's
    headers = {"Accept-Encoding": "identity", **(headers or {})}
    with explain_network(url):
        response = requests.get(url, headers=headers, stream=True, timeout=TIMEOUT)
    problem = _find_problem(response)
    if problem:
        response.close()
        raise ValueError(f"{name_host(url)} {problem} {INSTEAD}")
    return response


def _find_problem(response):
    code = response.status_code
    if code >= 500 or code == requests.codes.too_many_requests:
        return f"answers {code} {response.reason}: try again later."
    if code >= 400 and code != requests.codes.requested_range_not_satisfiable:
        return f"answers {code} {response.reason}: the link is dead; --from gives another one."
    if "html" in response.headers.get("Content-Type", "").lower():
        return "answers with a web page, not an archive: the link is dead, or no direct one."
    return None


@contextmanager
def explain_network(url, kept=None):
    """Turn an error of `requests` into a `ValueError`; a cut passes, since it can be mended."""
    try:
        yield
    except requests.exceptions.ChunkedEncodingError:
        raise
    except requests.exceptions.RequestException as error:
        raise ValueError(_explain(error, name_host(url), kept)) from error


def _explain(error, host, kept):
    cause = error.args[0] if error.args else None
    if isinstance(error, requests.exceptions.Timeout) or isinstance(cause, ReadTimeoutError):
        then = f"Try again later. {INSTEAD}"
        if kept:
            then = f"{kept.name} keeps what came; the same command goes on from there."
        return f"{host} sent nothing for {TIMEOUT:g} seconds. {then}"
    if isinstance(error, requests.exceptions.SSLError):
        return f"{host} does not prove who it is (TLS certificate). {INSTEAD}"
    return f"{host} cannot be reached: no such host, or no network. {INSTEAD}"


def name_host(url):
    """Return the host of an address, for messages."""
    return urlsplit(url).hostname or url
