import gzip

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table

from spectra_helpers.data import SpectraSet
from spectra_helpers.files import check_file, open_spectra, read_spectra, write_spectra

RNG = np.random.default_rng(3)
FLUX = RNG.normal(100, 20, (12, 3000))
LABEL = np.arange(12) % 3
OBJID = 2**40 + np.arange(12)


def write_file(path, flux=FLUX, label=LABEL, objid=OBJID, names=("objid", "label"), formats="KK"):
    """Write a training file with astropy alone, right or wrong as asked for."""
    columns = [
        fits.Column(name, form, array=array)
        for name, form, array in zip(names, formats, (objid, label), strict=False)
    ]
    hdus = [fits.PrimaryHDU(flux)]
    if columns:
        hdus.append(fits.BinTableHDU.from_columns(columns))
    fits.HDUList(hdus).writeto(path, overwrite=True)
    return path


def change(array, index, value):
    changed = np.array(array)
    changed[index] = value
    return changed


@pytest.fixture
def good(tmp_path):
    return write_file(tmp_path / "good.fits")


# --- good files


def test_reads_what_astropy_wrote(good):
    spectra = read_spectra(good)
    np.testing.assert_array_equal(spectra.flux, FLUX.astype(np.float32))
    np.testing.assert_array_equal(spectra.label, LABEL)
    np.testing.assert_array_equal(spectra.objid, OBJID)
    assert (spectra.flux.dtype, spectra.objid.dtype) == (np.float32, np.int64)
    assert spectra.flux.dtype.isnative
    assert (spectra.truth, spectra.source) == (None, "good.fits")
    assert len(open_spectra(good)) == 12
    assert check_file(good) == []


def test_writes_the_published_format(tmp_path):
    path = tmp_path / "a.fits"
    write_spectra(path, SpectraSet(FLUX, LABEL, OBJID))
    with fits.open(path) as hdus:
        assert len(hdus) == 2
        assert hdus[0].header["BITPIX"] == -64
        assert hdus[0].data.shape == (12, 3000)
        np.testing.assert_array_equal(hdus[0].data, FLUX.astype(np.float32))
        assert hdus[1].columns.names == ["objid", "label"]
        assert hdus[1].columns.formats == ["K", "K"]
        np.testing.assert_array_equal(hdus[1].data["objid"], OBJID)
        assert hdus.verify("exception") is None
    assert path.stat().st_size % 2880 == 0
    assert [x.name for x in tmp_path.iterdir()] == ["a.fits"]


def test_same_spectra_give_the_same_bytes(tmp_path):
    for name in ("a.fits", "b.fits"):
        write_spectra(tmp_path / name, SpectraSet(FLUX, LABEL, OBJID))
    assert (tmp_path / "a.fits").read_bytes() == (tmp_path / "b.fits").read_bytes()


def test_a_name_that_ends_in_gz_gives_a_compressed_file(tmp_path):
    for name in ("a.fits", "b.fits.gz", "c.fits.GZ"):
        write_spectra(tmp_path / name, SpectraSet(FLUX, LABEL, OBJID))
    packed = (tmp_path / "b.fits.gz").read_bytes()
    assert gzip.decompress(packed) == (tmp_path / "a.fits").read_bytes()
    assert packed == (tmp_path / "c.fits.GZ").read_bytes()  # no time and no name inside
    np.testing.assert_array_equal(read_spectra(tmp_path / "b.fits.gz").objid, OBJID)
    assert check_file(tmp_path / "b.fits.gz") == []
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize("ending", ["bz2", "xz", "zip", "Z"])
def test_other_compressed_files_are_not_written(tmp_path, ending):
    with pytest.raises(ValueError, match=rf"a.fits.{ending} .* end in .fits or .fits.gz"):
        write_spectra(tmp_path / f"a.fits.{ending}", SpectraSet(FLUX, LABEL, OBJID))
    assert list(tmp_path.iterdir()) == []


def test_truth_is_written_and_read_back(tmp_path):
    truth = Table({"z": np.arange(12) / 10, "subtype": [f"G{i}" for i in range(12)]})
    write_spectra(tmp_path / "a.fits", SpectraSet(FLUX, LABEL, OBJID, truth=truth))
    with fits.open(tmp_path / "a.fits") as hdus:
        assert [hdu.name for hdu in hdus] == ["PRIMARY", "", "TRUTH"]
    back = read_spectra(tmp_path / "a.fits", rows=[5, 1, 5])
    assert back.truth["subtype"].tolist() == ["G5", "G1", "G5"]
    np.testing.assert_allclose(back.truth["z"], [0.5, 0.1, 0.5])
    np.testing.assert_array_equal(back.flux, FLUX[[5, 1, 5]].astype(np.float32))


@pytest.mark.parametrize(
    "rows", [slice(3, 7), slice(None, None, -2), [11, 0, 4], LABEL == 1, slice(0, 0)]
)
def test_reads_chosen_rows_in_the_order_asked_for(good, rows):
    spectra = read_spectra(good, rows=rows)
    np.testing.assert_array_equal(spectra.flux, FLUX[rows].astype(np.float32))
    np.testing.assert_array_equal(spectra.objid, OBJID[rows])
    np.testing.assert_array_equal(spectra.label, LABEL[rows])


def test_rows_beyond_the_end_are_refused(good):
    with pytest.raises(ValueError, match="rows 0 to 11"):
        read_spectra(good, rows=[12])


def test_several_files_are_one_set(tmp_path):
    a = write_file(tmp_path / "a.fits")
    b = write_file(tmp_path / "b.fits", flux=FLUX[:5] + 1, label=LABEL[:5], objid=OBJID[:5] + 100)
    spectra = read_spectra([a, b])
    both = np.concatenate([FLUX, FLUX[:5] + 1]).astype(np.float32)
    np.testing.assert_array_equal(spectra.flux, both)
    np.testing.assert_array_equal(open_spectra([a, b]).label, spectra.label)
    assert spectra.source == "a.fits and 1 more file"
    some = read_spectra([a, b], rows=[14, 2, 12])
    np.testing.assert_array_equal(some.flux, both[[14, 2, 12]])
    np.testing.assert_array_equal(some.objid, spectra.objid[[14, 2, 12]])


def test_rows_of_more_than_one_chunk_are_read_whole(tmp_path):
    flux = np.ones((1203, 3000), np.float32) * np.arange(1, 1204)[:, None]
    spectra = SpectraSet(flux, np.zeros(1203), np.arange(1203))
    write_spectra(tmp_path / "a.fits", spectra)
    np.testing.assert_array_equal(read_spectra(tmp_path / "a.fits").flux, flux)
    rows = [1202, 3, 500, 499]
    np.testing.assert_array_equal(read_spectra(tmp_path / "a.fits", rows).flux, flux[rows])


def test_a_slice_does_not_read_the_rest(tmp_path):
    path = write_file(tmp_path / "a.fits", flux=change(FLUX, (11, 7), np.nan))
    assert len(read_spectra(path, rows=slice(0, 11))) == 11


def test_compressed_and_float32_files_are_read(tmp_path):
    path = write_file(tmp_path / "a.fits.gz", flux=FLUX.astype(np.float32))
    np.testing.assert_array_equal(read_spectra(path).flux, FLUX.astype(np.float32))
    assert check_file(path) == []


# --- files that are wrong: a file each


def cut(path, size):
    path.write_bytes(path.read_bytes()[:size])
    return path


def with_truth_of(path, rows):
    with fits.open(path, mode="append") as hdus:
        table = fits.BinTableHDU.from_columns([fits.Column("z", "D", array=np.zeros(rows))])
        table.name = "TRUTH"
        hdus.append(table)
    return path


def make_empty(path):
    path.touch()


def make_page(path):
    path.write_text("<!DOCTYPE html><html>404 Not found</html>")


WRONG = {
    "is not there": lambda path: None,
    r"is empty \(0 bytes\)": make_empty,
    "is not a FITS file": make_page,
    "is a damaged FITS file": lambda path: cut(write_file(path), 300),
    r"is truncated: 100,000 of 290,880 bytes": lambda path: cut(write_file(path), 100_000),
    r"is truncated: 293,800 of 293,952 bytes": lambda path: cut(write_file(path), 293_800),
    "is truncated in the header of its second": lambda path: cut(write_file(path), 292_000),
    "has no second HDU with a table": lambda path: write_file(path, names=()),
    "has no column label in": lambda path: write_file(path, names=("objid", "class")),
    "has no column objid and no column label": lambda path: write_file(path, names=("a", "b")),
    "has no image of spectra": lambda path: write_file(path, flux=FLUX.reshape(12, 3, 1000)),
    "has no image of spectra in": lambda path: write_file(path, flux=None),
    "has spectra of 2500 pixels": lambda path: write_file(path, flux=FLUX[:, :2500]),
    "is transposed: 3000 rows × 12": lambda path: write_file(path, flux=FLUX.T),
    "has 11 spectra, but 12 rows in its table": lambda path: write_file(path, flux=FLUX[:11]),
    "but 7 rows in its TRUTH table": lambda path: with_truth_of(write_file(path), 7),
    r"labels outside 0–2 \(7\) in row 4": lambda path: write_file(path, label=change(LABEL, 4, 7)),
    r"\(-1, 3\) in rows 2, 5": lambda path: write_file(path, label=change(LABEL, [2, 5], [-1, 3])),
    r"in 12 rows \(0, 1, 2, 3, 4 \.\.\.\)": lambda path: write_file(path, label=LABEL + 5),
    "NaN or infinite values in row 3": lambda path: write_file(
        path, flux=change(FLUX, (3, 100), np.nan)
    ),
    "NaN or infinite values in rows 3, 9": lambda path: write_file(
        path, flux=change(FLUX, ([3, 9], [0, 1]), [np.inf, 1e39])
    ),
    "nothing but zeros in row 8": lambda path: write_file(path, flux=change(FLUX, 8, 0)),
    "column label that does not hold whole": lambda path: write_file(
        path, label=["star"] * 12, formats=("K", "8A")
    ),
    "column objid that does not hold whole": lambda path: write_file(
        path, objid=OBJID + 0.5, formats="DK"
    ),
}


@pytest.mark.parametrize("words", WRONG)
def test_each_fault_gets_one_sentence_and_reading_says_the_same(tmp_path, words):
    path = tmp_path / "x.fits"
    WRONG[words](path)
    problems = check_file(path)
    assert len(problems) == 1
    with pytest.raises(ValueError, match=words) as error:
        read_spectra(path)
    assert str(error.value) == problems[0]
    assert str(path) in problems[0]
    assert problems[0].endswith(".")


def test_a_folder_is_no_file_to_check(tmp_path):
    assert check_file(tmp_path) == [f"{tmp_path} is a folder: give the files in it."]


def test_any_overwritten_byte_of_a_header_is_survived(good):
    whole = good.read_bytes()
    header = [*range(0, 400), *range(290_880, 291_900)]
    for place in RNG.choice(header, 100, replace=False):
        damaged = bytearray(whole)
        damaged[place] = RNG.integers(256)
        good.write_bytes(damaged)
        assert all(str(good) in problem for problem in check_file(good))


@pytest.mark.parametrize(
    "card", ["TFORM1  = '99999999999999K'", "TTYPE1  = 12", "TZERO1  = 'abc'"]
)  # astropy stops with ValueError, AssertionError, UnboundLocalError
def test_whatever_astropy_stops_with_the_file_is_named(good, card):
    whole = good.read_bytes()
    end, card = b"END".ljust(80), card.ljust(80).encode()
    start = whole.find(card[:8])
    if start > 0:
        good.write_bytes(whole[:start] + card + whole[start + 80 :])
    else:  # at the end of the table's header
        start = whole.rindex(end)
        good.write_bytes(whole[:start] + card + end + whole[start + 160 :])
    wanted = f"{good} is a damaged FITS file: get it again."
    assert check_file(good) == [wanted]
    with pytest.raises(ValueError, match="is a damaged FITS file") as error:
        read_spectra(good)
    assert str(error.value) == wanted


def test_several_faults_are_all_told(tmp_path):
    flux = change(change(FLUX, 2, 0), (3, 3), np.nan)
    path = write_file(tmp_path / "a.fits", flux=flux, label=change(LABEL, 1, 9))
    problems = check_file(path)
    assert len(problems) == 3
    for words, problem in zip(("labels", "NaN", "zeros"), problems, strict=True):
        assert words in problem


def test_damaged_compressed_file(tmp_path):
    path = write_file(tmp_path / "a.fits.gz")
    cut(path, path.stat().st_size // 2)
    assert ["damaged" in problem for problem in check_file(path)] == [True]
    with pytest.raises(ValueError, match="damaged"):
        read_spectra(path)


def test_rows_can_be_read_whatever_is_wrong_with_them(tmp_path):
    path = write_file(tmp_path / "a.fits", flux=change(FLUX, 4, 0), label=LABEL + 7)
    (file,) = open_spectra(path, labels=False).files
    flux = np.zeros((4, 3000), np.float32)
    file.read_into(flux, np.array([2, 0, 3]), np.array([3, 4, 5]))
    wanted = change(FLUX, 4, 0)[[4, 1, 3, 5]].astype(np.float32)
    np.testing.assert_array_equal(flux, wanted * [[1], [0], [1], [1]])
    np.testing.assert_array_equal(file.read_row(3), wanted[2])
    np.testing.assert_array_equal(file.objid, OBJID)
    assert set(file.label) == {-1}
    assert "labels outside 0–2 (7, 8, 9)" in file.label_problem


# --- writing what cannot be written


def test_spectra_without_label_are_not_written(tmp_path):
    with pytest.raises(ValueError, match="needs a label for every spectrum"):
        write_spectra(tmp_path / "a.fits", SpectraSet(FLUX, LABEL - 1, OBJID))
    assert list(tmp_path.iterdir()) == []


def test_other_grids_and_no_spectra_are_not_written(tmp_path):
    short = SpectraSet(FLUX[:, :100], LABEL, OBJID, wavelength=np.arange(100.0))
    nothing = SpectraSet(FLUX[:0], LABEL[:0], OBJID[:0])
    for spectra in (short, nothing):
        with pytest.raises(ValueError, match="at least one spectrum of 3000 pixels"):
            write_spectra(tmp_path / "a.fits", spectra)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e39])
def test_rows_that_cannot_be_read_again_are_not_written(tmp_path, value):
    with np.errstate(over="ignore"):
        spectra = SpectraSet(change(FLUX, ([4, 7], [0, 1]), value).astype(np.float32), LABEL, OBJID)
    with pytest.raises(ValueError, match=r"Row 4 holds NaN or infinite values \(2 such rows\)"):
        write_spectra(tmp_path / "a.fits", spectra)
    with pytest.raises(ValueError, match="Row 3 is zero everywhere"):
        write_spectra(tmp_path / "a.fits", SpectraSet(change(FLUX, 3, 0), LABEL, OBJID))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ValueError, match="none is not there: make it"):
        write_spectra(tmp_path / "none" / "a.fits", SpectraSet(FLUX, LABEL, OBJID))


def test_an_error_while_writing_leaves_the_old_file(tmp_path, monkeypatch):
    write_spectra(tmp_path / "a.fits", SpectraSet(FLUX, LABEL, OBJID))
    before = (tmp_path / "a.fits").read_bytes()

    def fail(spectra):
        raise OSError("disk full")

    monkeypatch.setattr("spectra_helpers.files.training_write._make_tables", fail)
    with pytest.raises(OSError, match="disk full"):
        write_spectra(tmp_path / "a.fits", SpectraSet(FLUX + 1, LABEL, OBJID))
    assert (tmp_path / "a.fits").read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1
