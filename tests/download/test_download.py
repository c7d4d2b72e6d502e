import hashlib
import io
import json
import shutil
import socket
import stat
import tarfile
import threading
import zipfile
from collections import namedtuple
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from astropy.io import fits
from typer.testing import CliRunner

from spectra_helpers.files import read_spectra, write_spectra
from spectra_tools import download
from spectra_tools.command.main import app
from spectra_tools.download import transfer

NAMES = ["train_data_01.fits", "train_data_02.fits"]
Usage = namedtuple("Usage", "total used free")


class Handler(BaseHTTPRequestHandler):
    """Serves `server.content` with Range and ETag; `server.plan` says what goes wrong, in turn."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        server = self.server
        server.ranges.append(self.headers.get("Range"))
        what = server.plan.pop(0) if server.plan else "well"
        if isinstance(what, int):
            self.send_error(what)
        elif what == "page":
            self.answer(200, b"<!doctype html><html>Sign in</html>", {"Content-Type": "text/html"})
        else:
            self.send_content(what)

    def send_content(self, what):
        content, tag = self.server.content, f'"{hashlib.md5(self.server.content).hexdigest()}"'
        start = 0
        asked = self.headers.get("Range")
        if asked and what != "no range" and self.headers.get("If-Range", tag) == tag:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
        headers = {"ETag": tag, "Content-Type": "application/x-tar"}
        if start >= len(content):
            self.answer(416, b"", {"Content-Range": f"bytes */{len(content)}"})
            return
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        stop = start + (len(content) - start) // 2 if what in ("cut", "stall") else None
        self.answer(206 if start else 200, content[start:], headers, content[start:stop])
        if what == "stall":
            self.server.go_on.wait(20)

    def answer(self, code, body, headers, sent=None):
        self.send_response(code)
        for name, value in {**headers, "Content-Length": len(body), "Connection": "close"}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body if sent is None else sent)

    def log_message(self, *_):
        pass


@pytest.fixture
def server(monkeypatch, archive):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(transfer, "TIMEOUT", 10)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.content = archive.read_bytes()
        server.plan, server.ranges, server.go_on = [], [], threading.Event()
        server.url = f"http://127.0.0.1:{server.server_port}/spectra_training_data.tar"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.go_on.set()
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def training(tmp_path_factory, easy_set):
    folder = tmp_path_factory.mktemp("training")
    for name, rows in zip(NAMES, (slice(0, 9), slice(9, 15)), strict=True):
        write_spectra(folder / name, easy_set[rows])
    return folder


@pytest.fixture(scope="module")
def archive(training):
    """A tar as one made on macOS: a folder, the training files in it, and other things."""
    path = training / "spectra.tar"
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as tar:
        tar.add(training, "data", recursive=False)
        for name in NAMES:
            tar.add(training / name, f"data/{name}")
        for name in ("data/._train_data_01.fits", "data/README.txt"):
            add_bytes(tar, name, b"no spectra")
    return path


def add_bytes(tar, name, content=b"x", **settings):
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for setting, value in settings.items():
        setattr(info, setting, value)
    tar.addfile(info, io.BytesIO(content))


def run(*words):
    """Run `spectra download`; a traceback fails the test."""
    result = CliRunner().invoke(app, ["download", *(str(word) for word in words)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def get(source, out, *more):
    """Run `spectra download`, expect that it ends well, and return what it says."""
    result = run("--from", source, "-o", out, *more)
    assert result.exit_code == 0, result.stderr
    return result


def fail(source, out, *more):
    """Run `spectra download`, expect exit code 1, and return its one line of error."""
    result = run("--from", source, "-o", out, *more)
    assert (result.exit_code, result.stdout) == (1, "")
    *bars, line = result.stderr.splitlines()
    assert not any(line.startswith("Error") for line in bars)
    assert line.startswith("Error: ")
    return line


def list_names(folder):
    return sorted(path.name for path in folder.iterdir())


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


# --- what goes well


def test_archive_is_unpacked_checked_and_recorded(server, training, archive, tmp_path):
    out = tmp_path / "new" / "folder"
    assert f"Good: 2 training files, 15 spectra, in {out}." in get(server.url, out).stdout
    assert list_names(out) == ["downloaded.json", *NAMES]
    record = json.loads((out / "downloaded.json").read_text())
    assert record["archive"]["sha256"] == sha256(archive)
    assert record["archive"]["source"] == server.url
    for name in NAMES:
        assert (out / name).read_bytes() == (training / name).read_bytes()
        assert record["files"][name]["sha256"] == sha256(training / name)
    assert len(read_spectra([out / name for name in NAMES])) == 15


def test_published_address_and_data_folder_are_the_defaults(server, monkeypatch, tmp_path):
    assert download.ADDRESS.startswith("https://www.dropbox.com/")
    monkeypatch.setattr(download, "ADDRESS", server.url)
    monkeypatch.setenv("SPECTRA_DATA_FOLDER", str(tmp_path / "data"))
    assert run().exit_code == 0
    assert list_names(tmp_path / "data") == ["downloaded.json", *NAMES]


@pytest.mark.parametrize("kind", ["tar", "tar.gz", "zip"])
def test_local_copy_of_any_kind_is_unpacked_and_kept(training, tmp_path, kind):
    path = tmp_path / f"copy.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as pack:
            pack.mkdir("data")
            for name in NAMES:
                pack.write(training / name, f"data/{name}")
    else:
        with tarfile.open(path, "w:gz" if kind == "tar.gz" else "w") as pack:
            for name in NAMES:
                pack.add(training / name, name)
    before = path.read_bytes()
    get(path, tmp_path / "out")
    assert [(tmp_path / "out" / name).read_bytes() for name in NAMES] == [
        (training / name).read_bytes() for name in NAMES
    ]
    assert path.read_bytes() == before


# --- cuts and stalls


def keep_blocks(n):
    """Of n bytes that came before a cut, the whole blocks are kept."""
    return int(n) // transfer.BLOCK * transfer.BLOCK


def test_cuts_are_mended_within_one_call(server, training, tmp_path):
    server.plan = ["cut", "cut", "well"]
    get(server.url, tmp_path)
    first = keep_blocks(len(server.content) / 2)
    second = first + keep_blocks((len(server.content) - first) / 2)
    assert server.ranges == [None, f"bytes={first}-", f"bytes={second}-"]
    assert [sha256(tmp_path / name) for name in NAMES] == [sha256(training / x) for x in NAMES]
    assert list_names(tmp_path) == ["downloaded.json", *NAMES]


def test_download_goes_on_in_the_next_call(server, archive, tmp_path):
    server.plan = ["cut"] * transfer.TRIES
    assert f"cut the download off {transfer.TRIES} times" in fail(server.url, tmp_path)
    (part,) = tmp_path.glob("*.part")
    have = part.stat().st_size
    assert 0.8 * len(server.content) < have < len(server.content)
    assert part.read_bytes() == server.content[:have]
    assert list_names(tmp_path) == [part.name, f"{part.name}.json"]
    server.ranges.clear()
    get(server.url, tmp_path)
    assert server.ranges == [f"bytes={have}-"]
    record = json.loads((tmp_path / "downloaded.json").read_text())
    assert record["archive"]["sha256"] == sha256(archive)


def test_server_that_stalls_is_left_and_the_part_is_kept(server, monkeypatch, tmp_path):
    monkeypatch.setattr(transfer, "TIMEOUT", 0.3)
    server.plan = ["stall"]
    line = fail(server.url, tmp_path)
    assert "127.0.0.1 sent nothing for 0.3 seconds." in line
    assert "the same command goes on from there" in line
    (part,) = tmp_path.glob("*.part")
    assert part.stat().st_size == keep_blocks(len(server.content) / 2)
    server.go_on.set()
    get(server.url, tmp_path)
    assert server.ranges[1] == f"bytes={keep_blocks(len(server.content) / 2)}-"


def test_server_without_ranges_sends_everything_again(server, archive, tmp_path):
    server.plan = ["cut", "no range"]
    get(server.url, tmp_path)
    assert len(server.ranges) == 2
    record = json.loads((tmp_path / "downloaded.json").read_text())
    assert record["archive"]["sha256"] == sha256(archive)


def test_halves_of_two_different_archives_are_not_joined(server, training, tmp_path):
    server.plan = ["cut"] * transfer.TRIES
    fail(server.url, tmp_path)
    with tarfile.open(tmp_path / "other.tar", "w") as tar:
        tar.add(training / NAMES[1], NAMES[1])
    server.content = (tmp_path / "other.tar").read_bytes().ljust(len(server.content), b"\0")
    get(server.url, tmp_path)
    record = json.loads((tmp_path / "downloaded.json").read_text())
    assert record["archive"]["sha256"] == hashlib.sha256(server.content).hexdigest()


def test_part_that_is_complete_is_used(server, tmp_path):
    server.plan = ["cut"] * transfer.TRIES
    fail(server.url, tmp_path)
    (part,) = tmp_path.glob("*.part")
    part.write_bytes(server.content)
    server.ranges.clear()
    get(server.url, tmp_path)
    assert server.ranges == [f"bytes={len(server.content)}-"]


# --- dead links


@pytest.mark.parametrize(
    ("what", "words"), [(404, "404 Not Found"), (410, "410"), (503, "503"), ("page", "a web page")]
)
def test_dead_link_is_told_with_what_else_to_do(server, tmp_path, what, words):
    server.plan = [what]
    line = fail(server.url, tmp_path)
    assert words in line
    assert "`spectra convert`" in line
    assert "`spectra simulate`" in line
    assert list_names(tmp_path) == []


def test_page_that_calls_itself_an_archive_is_found_out(server, tmp_path):
    server.content = b"<!DOCTYPE html>\n<HTML>Sign in</HTML>"
    line = fail(server.url, tmp_path)
    assert "is a web page" in line
    assert "`spectra convert`" in line
    assert list_names(tmp_path) == []


def test_host_that_is_not_there_is_told(monkeypatch, tmp_path):
    def find_nothing(*_):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setenv("NO_PROXY", "nowhere.invalid")
    monkeypatch.setattr(socket, "getaddrinfo", find_nothing)
    line = fail("http://nowhere.invalid/spectra.tar", tmp_path)
    assert "nowhere.invalid cannot be reached" in line
    assert "`spectra convert`" in line


def test_folder_that_is_a_file_is_told(archive, tmp_path):
    (tmp_path / "data").write_text("a file")
    assert "data is a file: give the name of a folder" in fail(archive, tmp_path / "data")


@pytest.mark.parametrize("source", ["missing.tar", "ftp://host/spectra.tar"])
def test_source_that_is_no_address_or_file_is_told(tmp_path, source):
    assert source in fail(source, tmp_path)


# --- bad archives


def make_tar(path, training, **bad):
    """Write a tar with a good file and then a bad member."""
    with tarfile.open(path, "w") as tar:
        tar.add(training / NAMES[0], NAMES[0])
        add_bytes(tar, **bad)
    return path


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"name": "../outside.fits"}, "leads out of the folder"),
        ({"name": "data/../../outside.fits"}, "leads out of the folder"),
        ({"name": "..\\outside.fits"}, "leads out of the folder"),
        ({"name": "/tmp/outside.fits"}, "absolute path"),
        ({"name": "C:/outside.fits"}, "absolute path"),
        ({"name": "train_data_09.fits", "type": tarfile.SYMTYPE, "linkname": "/etc"}, "a link"),
        ({"name": "train_data_09.fits", "type": tarfile.LNKTYPE, "linkname": "../x"}, "a link"),
        ({"name": "train_data_09.fits", "type": tarfile.FIFOTYPE}, "a device"),
        ({"name": "train_data_09.fits", "type": tarfile.CHRTYPE}, "a device"),
        ({"name": "con:stream.fits"}, "name that not every system can store"),
        ({"name": f"{'x' * 300}.fits"}, "name that not every system can store"),
        *(
            ({"name": name}, f"{name!r} in it has a name that not every system can store")
            for name in (
                "CON.fits",
                "data/aux.fits",
                "com1.old.fits",
                "Lpt9 .fits",
                "NUL",
                "train_data_09.fits.",
                "train_data_09.fits ",
            )
        ),
    ],
)
def test_hostile_tar_is_refused_as_a_whole(training, tmp_path, bad, words):
    path = make_tar(tmp_path / "bad.tar", training, content=b"", **bad)
    line = fail(path, tmp_path / "out")
    assert words in line
    assert "Nothing was unpacked" in line
    assert list_names(tmp_path) == ["bad.tar", "out"]
    assert list_names(tmp_path / "out") == []


@pytest.mark.parametrize("name", ["../outside.fits", "/outside.fits", "link.fits", "prn.fits"])
def test_hostile_zip_is_refused_as_a_whole(training, tmp_path, name):
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as pack:
        pack.write(training / NAMES[0], NAMES[0])
        info = zipfile.ZipInfo(name)
        if name == "link.fits":
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
        pack.writestr(info, "/etc/passwd")
    assert "is not safe" in fail(tmp_path / "bad.zip", tmp_path / "out")
    assert list_names(tmp_path / "out") == []


def test_hostile_archive_of_a_server_is_not_kept(server, training, tmp_path):
    make_tar(tmp_path / "bad.tar", training, name="../outside.fits")
    server.content = (tmp_path / "bad.tar").read_bytes()
    assert "is not safe" in fail(server.url, tmp_path / "out")
    assert list_names(tmp_path / "out") == []
    assert list_names(tmp_path) == ["bad.tar", "out"]


@pytest.mark.parametrize("name", ["console.fits", "com.fits", "data.aux.fits", "aux/a.fits"])
def test_names_that_only_look_reserved_are_unpacked(training, tmp_path, name):
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        tar.add(training / NAMES[0], name)
    get(tmp_path / "a.tar", tmp_path / "out")


def damage(content, kind):
    if kind == "cut":
        return content[: len(content) * 2 // 3]
    if kind == "start":
        return b"\xff" * 600 + content[600:]
    second = content.index(f"data/{NAMES[1]}".encode())  # the header of the second file
    return content[: second + 130] + b"\xff" * 30 + content[second + 160 :]


@pytest.mark.parametrize("kind", ["cut", "start", "header"])
def test_damaged_tar_is_refused_as_a_whole(server, tmp_path, kind):
    server.content = damage(server.content, kind)
    assert "damaged" in fail(server.url, tmp_path)
    assert list_names(tmp_path) == []


def test_damaged_zip_is_refused_as_a_whole(training, tmp_path):
    path = tmp_path / "bad.zip"
    with zipfile.ZipFile(path, "w") as pack:
        pack.write(training / NAMES[0], NAMES[0])
    content = bytearray(path.read_bytes())
    content[30_000] ^= 255
    path.write_bytes(content)
    assert "damaged" in fail(path, tmp_path / "out")
    assert list_names(tmp_path / "out") == []


def damage_zip(content, kind):
    content = bytearray(content)
    if kind == "data":
        content[len(content) // 2] ^= 255
    else:  # the place of the table of contents: the members then lie before the file begins
        content[content.index(b"PK\5\6") + 19] = 0x7F
    return bytes(content)


@pytest.mark.parametrize("kind", ["data", "place"])
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_damaged_zip_of_a_server_is_not_kept(server, training, tmp_path, kind, method):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", method) as pack:
        pack.write(training / NAMES[0], NAMES[0])
    server.content = damage_zip((tmp_path / "a.zip").read_bytes(), kind)
    assert "is damaged" in fail(server.url, tmp_path / "out")
    assert list_names(tmp_path / "out") == []


def test_file_that_is_no_training_file_is_refused(training, tmp_path):
    fits.PrimaryHDU(np.ones((3, 50))).writeto(tmp_path / "other.fits")
    with tarfile.open(tmp_path / "bad.tar", "w") as tar:
        tar.add(training / NAMES[0], NAMES[0])
        tar.add(tmp_path / "other.fits", "other.fits")
    line = fail(tmp_path / "bad.tar", tmp_path / "out")
    assert "bad.tar holds no good training files: other.fits has spectra of 50 pixels" in line
    assert list_names(tmp_path / "out") == []


def test_archive_without_fits_or_with_a_name_twice_is_refused(training, tmp_path):
    with tarfile.open(tmp_path / "empty.tar", "w") as tar:
        add_bytes(tar, "README.txt")
    assert "holds no FITS file" in fail(tmp_path / "empty.tar", tmp_path)
    with tarfile.open(tmp_path / "twice.tar", "w") as tar:
        tar.add(training / NAMES[0], f"a/{NAMES[0]}")
        tar.add(training / NAMES[1], f"b/{NAMES[0]}")
    assert "two files of one name" in fail(tmp_path / "twice.tar", tmp_path)


# --- space, and files that are there already


@contextmanager
def free_space(monkeypatch, free):
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: Usage(10**9, 0, int(free)))
        yield


def test_too_little_space_is_told_before_the_download(server, monkeypatch, tmp_path):
    n = len(server.content)
    with free_space(monkeypatch, 1.9 * n):  # room for the archive, but not for its files too
        assert "GB free" in fail(server.url, tmp_path)
    assert list_names(tmp_path) == []
    with free_space(monkeypatch, 2 * n):
        get(server.url, tmp_path)


def test_too_little_space_to_unpack_keeps_what_came(server, monkeypatch, archive, tmp_path):
    with free_space(monkeypatch, 1000):
        assert "GB free" in fail(archive, tmp_path)
    assert list_names(tmp_path) == []
    enough = iter([10**12, 1000])
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 0, next(enough)))
        assert "GB free" in fail(server.url, tmp_path)
    assert max(path.stat().st_size for path in tmp_path.iterdir()) == len(server.content)
    server.ranges.clear()
    get(server.url, tmp_path)
    assert server.ranges == []
    assert list_names(tmp_path) == ["downloaded.json", *NAMES]


def test_archive_that_is_kept_is_fetched_again_by_force(server, monkeypatch, tmp_path):
    enough = iter([10**12, 1000])
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 0, next(enough)))
        fail(server.url, tmp_path)
    server.ranges.clear()
    get(server.url, tmp_path, "--force")
    assert server.ranges != []
    assert list_names(tmp_path) == ["downloaded.json", *NAMES]


def test_tar_cut_between_two_members_is_refused(archive, tmp_path):
    with tarfile.open(archive) as tar:
        start = tar.getmembers()[-1].offset
    cut = tmp_path / "cut.tar"
    cut.write_bytes(archive.read_bytes()[:start])
    assert "damaged" in fail(cut, tmp_path / "out")


def test_file_of_ones_own_is_replaced_only_by_force(archive, training, tmp_path):
    shutil.copy(training / NAMES[1], tmp_path / NAMES[0])
    assert "is there already, with other content" in fail(archive, tmp_path)
    assert list_names(tmp_path) == [NAMES[0]]
    assert sha256(tmp_path / NAMES[0]) == sha256(training / NAMES[1])
    get(archive, tmp_path, "--force")
    assert sha256(tmp_path / NAMES[0]) == sha256(training / NAMES[0])


def test_second_download_says_unchanged_and_fetches_nothing(server, archive, tmp_path):
    get(server.url, tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    for source in (server.url, archive):
        again = get(source, tmp_path)
        assert again.stdout.startswith("Unchanged: 2 training files, 15 spectra")
        assert again.stderr == ""
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("same_size", [True, False])
def test_second_download_warns_when_the_server_gives_something_else(
    server, training, tmp_path, same_size
):
    get(server.url, tmp_path)
    with tarfile.open(tmp_path / "new.tar", "w") as tar:
        tar.add(training / NAMES[1], NAMES[0])
    new = (tmp_path / "new.tar").read_bytes()
    server.content = new.ljust(len(server.content), b"\0") if same_size else new
    again = get(server.url, tmp_path)
    assert again.stdout.startswith("Unchanged")
    assert "Warning: " in again.stderr
    assert "now gives something else" in again.stderr
    assert sha256(tmp_path / NAMES[0]) == sha256(training / NAMES[0])
    forced = get(server.url, tmp_path, "--force")
    assert "its SHA-256 differs" in forced.stderr
    assert sha256(tmp_path / NAMES[0]) == sha256(training / NAMES[1])


def test_other_local_archive_is_noticed(archive, training, tmp_path):
    get(archive, tmp_path / "out")
    other = make_tar(tmp_path / "other.tar", training, name="note.txt")
    assert "now gives something else" in get(other, tmp_path / "out").stderr


def test_mirror_is_compared_by_size(server, tmp_path):
    get(server.url, tmp_path)
    mirror = f"{server.url}?mirror"
    assert get(mirror, tmp_path).stderr == ""
    server.content += b"\0" * 512
    assert f"{mirror} now gives something else" in get(mirror, tmp_path).stderr


def test_files_are_still_good_when_the_link_has_died(server, tmp_path):
    get(server.url, tmp_path)
    server.plan = [404]
    again = get(server.url, tmp_path)
    assert again.stdout.startswith("Unchanged")
    assert "Warning: " in again.stderr
    assert "404" in again.stderr


def test_changed_file_is_noticed_and_a_missing_one_fetched_again(server, training, tmp_path):
    get(server.url, tmp_path)
    path = tmp_path / NAMES[1]
    content = bytearray(path.read_bytes())
    content[20_000] ^= 1
    path.write_bytes(content)
    line = fail(server.url, tmp_path)
    assert line.startswith(f"Error: {NAMES[1]} in ")
    assert "changed since the download" in line
    path.unlink()
    assert get(server.url, tmp_path).stdout.startswith("Good")
    assert sha256(path) == sha256(training / NAMES[1])


def test_record_that_cannot_be_read_is_told(archive, tmp_path):
    (tmp_path / "downloaded.json").write_text("{}")
    assert "delete it and download again" in fail(archive, tmp_path)
