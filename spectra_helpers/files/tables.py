"""Tables (CSV): read even after a spreadsheet has saved them, refused where they are unclear."""

import io
from pathlib import Path

from spectra_helpers.files.output import replace_when_done

SEPARATORS = ",;\t"  # a spreadsheet that writes 3,5 for 3.5 puts semicolons between columns


def read_table(path):
    """Read a table whose first line names its columns.

    Parameters
    ----------
    path : str or Path
        CSV in UTF-8, with commas, semicolons or tabs between the columns.

    Returns
    -------
    pandas.DataFrame
        Every field is text, as it was typed: "007" and "NA" stay what they are. The index is the
        number of the line in the file. Lines and columns that are empty are left out.

    Raises
    ------
    ValueError
        If it is no text, a quote does not end, a column has no name or is there twice, or a line
        has more fields than there are columns.
    """
    import pandas as pd  # takes a while: only for those who read tables

    try:
        text = Path(path).read_text(encoding="utf-8-sig")  # spreadsheets put a sign in front
        table = _split_fields(text)
    except (UnicodeDecodeError, pd.errors.ParserError):
        raise ValueError(f"{path} is no table: save it as CSV (UTF-8).") from None
    table = table[(table != "").any(axis="columns")]
    if table.empty:
        return pd.DataFrame()
    header, table = table.iloc[0], table.iloc[1:]
    _require_columns(header, table, path)
    table.columns = header
    return table.loc[:, (header != "").to_numpy()].rename_axis(columns=None)


def _split_fields(text):
    """Return all fields of a text, the first line among them; shorter lines get empty ones."""
    import pandas as pd

    lines = [line for line in text.splitlines() if line] or [""]
    separator = max(SEPARATORS, key=lines[0].count)
    # pandas cuts a line that is longer than the first one, or takes its first field for an index
    width = 1 + max(line.count(separator) for line in lines)
    table = pd.read_csv(
        io.StringIO(text), sep=separator, header=None, names=range(width), index_col=False,
        dtype=str, na_filter=False, skip_blank_lines=False,
    )  # fmt: skip
    table.index += 1
    return table


def _require_columns(header, table, path):
    """Check that each field with something in it is in a column of its own name."""
    twice = header[header.duplicated() & (header != "")]
    if len(twice):
        raise ValueError(f"{path}: the column {twice.iloc[0]!r} is there twice: keep one.")
    nameless = table.loc[:, header == ""]
    filled = (nameless.map(str.strip) != "").any(axis="columns")
    if filled.any():
        line = filled.idxmax()
        raise ValueError(
            f"{path}, line {line}: {table.loc[line].iloc[0]!r} has more fields than there are "
            "columns, or a column has no name: name it or delete it, and put a number with a "
            "comma in quotes."
        )


def write_table(path, table, encoding="utf-8"):
    """Write a table as CSV; a reader never meets half of it.

    Parameters
    ----------
    path : str or Path
    table : pandas.DataFrame
        Its index is not written.
    encoding : str
        Excel reads letters with accents only from "utf-8-sig".

    Raises
    ------
    ValueError
        If the folder of `path` is not there or cannot be written to.
    """
    with replace_when_done(path) as temporary:
        # by its name alone pandas would compress a file that ends in .zip
        table.to_csv(
            temporary, index=False, encoding=encoding, lineterminator="\r\n", compression=None
        )
