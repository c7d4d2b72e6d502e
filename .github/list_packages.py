"""Print the packages that pyproject.toml asks for, one a line, for .github/workflows/weekly.yml.

python .github/list_packages.py allowed     with the bounds of their versions
python .github/list_packages.py beyond      without: the newest, whatever it is
"""

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def list_packages(versions, pyproject):
    """Return the requirements of a pyproject.toml (as a dict), of the package and of all groups."""
    lines = list(pyproject["project"]["dependencies"])
    for group in pyproject["dependency-groups"].values():
        lines += group
    if versions == "allowed":
        return lines
    return [re.sub(r"^([\w.-]+)[^;]*", r"\1", line) for line in lines]


if __name__ == "__main__":
    if sys.argv[1:] not in (["allowed"], ["beyond"]):
        raise SystemExit("Say which versions: allowed or beyond.")
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    print("\n".join(list_packages(sys.argv[1], tomllib.loads(text))))
