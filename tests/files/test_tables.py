"""Tables (CSV) that people have typed in and spreadsheets have saved."""

import pandas as pd
import pytest

from spectra_helpers.files import read_table, write_table


def read(path, text):
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_table(path).to_dict("index")


def test_fields_stay_as_they_were_typed(tmp_path):
    rows = [["007", "NA", "1e5"], ["null", "", '"a", b;\nc'], ["True", "nan", " 3,5 "]]
    write_table(tmp_path / "a.csv", pd.DataFrame(rows, columns=["student", "x", "NA"]))
    table = read_table(tmp_path / "a.csv")
    assert list(table.columns) == ["student", "x", "NA"]
    assert table.to_numpy().tolist() == rows


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_what_spreadsheets_save_is_read(tmp_path, separator, end, encoding):
    text = end.join(["", "who,n,,", "José,3", ",,,", "Li,,,", ""]).replace(",", separator)
    found = read(tmp_path / "a.csv", text.encode(encoding))
    assert found == {3: {"who": "José", "n": "3"}, 5: {"who": "Li", "n": ""}}


@pytest.mark.parametrize(("text", "why"), [
    ("a,b\n1,2\n3,4,5\n", r"a\.csv, line 3: '3' has more fields than there are columns"),
    ("a,b\n1,2,3\n4,5,6\n", r"line 2: '1' has more fields"),
    ("a,b,\n1,2,3\n", "a column has no name: name it or delete it"),
    ("a,,b\n1,2,3\n", "a column has no name"),
    ("a,b,a\n", "the column 'a' is there twice"),
    ('a,b\n1,"2\n3,4\n', "is no table: save it as CSV"),  # csv alone would lose a line here
    (b"PK\xff\xfe\x00", "is no table: save it as CSV"),
])  # fmt: skip
def test_what_could_be_misread_is_refused(tmp_path, text, why):
    with pytest.raises(ValueError, match=why):
        read(tmp_path / "a.csv", text)


@pytest.mark.parametrize("text", ["", "\n\n", ";;\n;;\n"])
def test_an_empty_table_has_no_columns(tmp_path, text):
    (tmp_path / "a.csv").write_text(text)
    assert list(read_table(tmp_path / "a.csv").columns) == []


def test_a_table_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "a.zip"  # pandas would compress it
    write_table(path, pd.DataFrame({"who": ["José"]}), "utf-8-sig")
    assert path.read_bytes() == "\ufeffwho\r\nJosé\r\n".encode()
    with pytest.raises(UnicodeEncodeError):
        write_table(path, pd.DataFrame({"who": ["a", "\udcff"]}))
    assert path.read_bytes() == "\ufeffwho\r\nJosé\r\n".encode()
    assert [place.name for place in tmp_path.iterdir()] == ["a.zip"]
