"""The handle on files: opened seldom, read in parts, bad files and rows told once."""

import gzip
import io
import os
import sys
import warnings
from itertools import pairwise

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table
from survey_files import make_rows, write_image

from spectra_helpers.data import SpectraSet
from spectra_helpers.files import open as open_module
from spectra_helpers.files import open_spectra, read_spectra, write_spectra
from spectra_helpers.files.fits_file import PatientGzip

RNG = np.random.default_rng(5)
OPENED = []
WATCHING = []


def watch(event, arguments):
    if WATCHING and event == "open" and isinstance(arguments[0], str | bytes):
        OPENED.append(os.fspath(arguments[0]))


sys.addaudithook(watch)  # cannot be taken away: it does nothing unless a test wants it


@pytest.fixture
def opened():
    """Names of the files that Python opens during a test."""
    OPENED.clear()
    WATCHING.append(True)
    yield OPENED
    WATCHING.clear()


def make_set(n, truth=False, first=0):
    flux = RNG.normal(100, 5, (n, 3000)).astype(np.float32)
    table = Table({"z": np.arange(n) / 10, "subtype": [f"G{i}" for i in range(n)]})
    objid = first + np.arange(n)
    return SpectraSet(flux, np.arange(n) % 3, objid, truth=table if truth else None)


@pytest.fixture
def training(tmp_path):
    write_spectra(tmp_path / "many.fits", make_set(25, truth=True))
    return tmp_path / "many.fits"


def spoil(path, rows, value=0.0):
    with fits.open(path, mode="update") as hdus:
        hdus[0].data[rows] = value


# --- how often a file is opened


def test_nothing_is_opened_before_it_is_needed(training, opened):
    open_spectra(training)
    assert opened.count(str(training)) == 0


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_a_training_file_is_opened_to_recognise_it_and_to_read_it(tmp_path, opened, ending):
    path = tmp_path / f"a.fits{ending}"
    write_spectra(path, make_set(25))
    opened.clear()
    assert len(open_spectra(path).read()) == 25
    assert opened.count(str(path)) == 2


def test_a_training_file_of_many_batches_is_opened_twice(training, opened, monkeypatch):
    monkeypatch.setattr(open_module, "BATCH", 2)
    assert sum(len(batch.rows) for batch in open_spectra(training).batches()) == 25
    assert opened.count(str(training)) == 2


def test_a_survey_file_is_opened_once(tmp_path, opened):
    path = write_image(tmp_path / "a.fits", make_rows())
    opened.clear()
    files = open_spectra(path)
    assert files.label.tolist() == [2]
    files.read()
    list(files.batches())
    assert opened.count(str(path)) == 1


def test_each_file_is_recognised_once(training, tmp_path, monkeypatch):
    star = write_image(tmp_path / "star.fits", make_rows())
    recognised = []
    open_file = open_module.open_file
    monkeypatch.setattr(
        open_module, "open_file", lambda path: recognised.append(path.name) or open_file(path)
    )
    files = open_spectra([training, star])
    assert (len(files), files.read().label.shape, len(list(files.batches()))) == (26, (26,), 1)
    assert recognised == ["many.fits", "star.fits"]


# --- batches


def test_batches_are_in_the_order_of_the_files_and_gather_small_ones(tmp_path, monkeypatch):
    monkeypatch.setattr(open_module, "BATCH", 10)
    write_spectra(tmp_path / "a.fits", make_set(23, first=100))
    for i in range(12):
        write_image(tmp_path / f"b{i:02d}.fits", make_rows(), OBSID=500 + i)
    write_spectra(tmp_path / "c.fits", make_set(4, first=200))
    files = open_spectra(tmp_path)
    assert files.expected == 14
    batches = list(files.batches())
    assert files.expected == 39
    assert [len(batch.rows) for batch in batches] == [10, 10, 10, 9]
    objid = np.concatenate([batch.objid for batch in batches])
    assert objid.tolist() == [*range(100, 123), *range(500, 512), *range(200, 204)]
    names = [path.name for batch in batches for path in batch.paths]
    assert names[:23] + names[-4:] == ["a.fits"] * 23 + ["c.fits"] * 4
    rows = np.concatenate([batch.rows for batch in batches])
    assert rows.tolist() == [*range(23), *([0] * 12), *range(4)]
    flux = np.concatenate([batch.flux for batch in batches])
    np.testing.assert_array_equal(flux, open_spectra(tmp_path).read().flux)


def test_warnings_of_others_are_heard_between_batches(training, monkeypatch):
    monkeypatch.setattr(open_module, "BATCH", 10)
    for _ in open_spectra(training).batches():
        with pytest.warns(UserWarning, match="of others"):
            warnings.warn("of others", UserWarning, stacklevel=1)


# --- what is wrong


def test_bad_files_and_rows_are_told_once_and_the_rest_is_read(training, tmp_path):
    (tmp_path / "page.fits").write_text("<html>")
    star = write_image(tmp_path / "star.fits", make_rows())
    spoil(training, [3, 20])
    spoil(training, 7, np.nan)
    told = []
    files = open_spectra(
        [tmp_path / "none.fits", tmp_path / "page.fits", training, star], told.append
    )
    spectra = files.read()
    assert len(spectra) == 23
    assert spectra.objid[:4].tolist() == [0, 1, 2, 4]
    assert spectra.truth["z"][3] == 0.4
    assert [sentence.removeprefix(str(tmp_path)) for sentence in told] == [
        "/none.fits is not there: check the path.",
        "/page.fits is not a FITS file: give a file that starts with a FITS header.",
        "/many.fits has NaN or infinite values in row 7.",
        "/many.fits has nothing but zeros in rows 3, 20.",
    ]
    assert [file.path.name for file in files.files] == ["many.fits", "star.fits"]
    told.clear()
    assert sum(len(batch.rows) for batch in files.batches()) == 23
    assert len(told) == 2  # the files are known; the rows are read anew


def test_without_on_error_the_first_fault_is_raised(training, tmp_path):
    spoil(training, [3, 20])
    with pytest.raises(ValueError, match=r"nothing but zeros in rows 3, 20\.$"):
        read_spectra(training)
    with pytest.raises(ValueError, match="nothing but zeros in rows 3, 20"):
        list(open_spectra(training).batches())
    assert len(read_spectra(training, rows=slice(4, 20))) == 16
    with pytest.raises(ValueError, match="is not there"):
        len(open_spectra([tmp_path / "none.fits", training]))


def test_labels_that_mean_nothing_matter_only_to_those_who_use_them(training):
    with fits.open(training, mode="update") as hdus:
        hdus[1].data["label"][4] = 7
    with pytest.raises(ValueError, match=r"labels outside 0–2 \(7\) in row 4"):
        open_spectra(training, [].append).read()
    files = open_spectra(training, labels=False)
    assert files.label[3:6].tolist() == [0, -1, 2]
    assert sum(len(batch.rows) for batch in files.batches()) == 25


def test_a_file_that_breaks_while_it_is_read_is_left_out(training, tmp_path):
    other = tmp_path / "other.fits"
    write_spectra(other, make_set(5, truth=True, first=50))
    told = []
    files = open_spectra([training, other], told.append)
    assert len(files) == 30
    training.write_bytes(training.read_bytes()[:3000])
    spectra = files.read()
    assert spectra.objid.tolist() == [50, 51, 52, 53, 54]
    assert spectra.truth["subtype"].tolist() == [f"G{i}" for i in range(5)]
    assert ["many.fits" in sentence for sentence in told] == [True]


def test_nothing_good_is_one_clear_error(training):
    spoil(training, slice(None))
    told = []
    with pytest.raises(ValueError, match="None of the spectra can be used"):
        open_spectra(training, told.append).read()
    assert len(told) == 1


def test_folders_without_files_are_told_too(training, tmp_path):
    (tmp_path / "empty").mkdir()
    told = []
    assert len(open_spectra([tmp_path / "empty", training, "*.nothing"], told.append)) == 25
    assert ["holds no FITS file" in sentence for sentence in told] == [True, True]


# --- compressed files


def test_a_compressed_file_is_read_in_parts_without_going_back(tmp_path, monkeypatch):
    monkeypatch.setattr(open_module, "BATCH", 2)
    write_spectra(tmp_path / "a.fits.gz", make_set(25))
    places = []
    seek = gzip.GzipFile.seek
    monkeypatch.setattr(
        gzip.GzipFile,
        "seek",
        lambda self, *to: (len(to) == 1 and places.append(to[0])) or seek(self, *to),
    )
    (file,) = open_spectra(tmp_path / "a.fits.gz").files
    places.clear()
    assert len(list(file.iterate_flux(2))) == 13
    # forward through the headers, once back to the first spectrum, and on from there
    assert sum(after < before for before, after in pairwise(places)) == 1


def test_a_patient_reader_reads_what_another_reads():
    content = RNG.bytes(100_000)
    packed = PatientGzip(fileobj=io.BytesIO(gzip.compress(content)))
    plain = io.BytesIO(content)
    for place in RNG.integers(0, 90_000, 30):
        for file in (packed, plain):
            file.seek(int(place))
        assert packed.read(777) == plain.read(777)
        assert packed.tell() == plain.tell()
        assert packed.read(10) == plain.read(10)
    packed.seek(50)
    assert packed.seek(7, io.SEEK_CUR) == 57
    assert packed.read(3) == content[57:60]
    assert packed.seek(0, io.SEEK_END) == len(content)
    assert packed.read() == b""
