"""What runs elsewhere: the workflows on GitHub, read by linters, and the hooks before a commit.

The linters are run on files that are wrong too: a linter that finds nothing anywhere is no test.
"""

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import nbformat.v4 as new
import pytest
import yaml
from packaging.requirements import Requirement

from spectra_tools.series.check_notebooks import find_disorder, main

ROOT = Path(__file__).parents[1]
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
IDS = {"ids": lambda path: path.name}
ZIZMOR = shutil.which("zizmor", path=str(Path(sys.executable).parent))
needs_zizmor = pytest.mark.skipif(ZIZMOR is None, reason="there is no zizmor for this system")


def load_script(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


run = load_script(ROOT / "run.py")
list_packages = load_script(GITHUB / "list_packages.py").list_packages


def read_workflow(name):
    """A workflow; YAML 1.1 reads its key "on" as True."""
    workflow = yaml.safe_load((GITHUB / "workflows" / name).read_text(encoding="utf-8"))
    return {"on" if key is True else key: value for key, value in workflow.items()}


def list_steps(workflow):
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def check_schema(path):
    tool = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows"]
    return subprocess.run([*tool, str(path)], capture_output=True, text=True, check=False)


def look_for_danger(folder):
    """Run zizmor, which knows how workflows are attacked, on what lies in a folder."""
    options = ["--offline", "--no-progress", "--color=never", "--strict-collection"]
    command = [ZIZMOR, *options, "--collect=all", str(folder)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


@pytest.mark.parametrize("path", WORKFLOWS, **IDS)
def test_workflow_is_one_that_github_reads(path):
    done = check_schema(path)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("runs-on: ", "runs-upon: "),
        ("timeout-minutes: 90", "timeout-minutes: long"),
        ("steps:", "stages:"),
    ],
)
def test_a_wrong_workflow_is_found(tmp_path, right, wrong):
    text = (GITHUB / "workflows" / "tests.yml").read_text(encoding="utf-8")
    assert right in text
    (tmp_path / "tests.yml").write_text(text.replace(right, wrong), encoding="utf-8")
    done = check_schema(tmp_path / "tests.yml")
    assert done.returncode == 1
    assert "tests.yml" in done.stdout


@pytest.fixture
def github(tmp_path):
    """A copy of the project's workflows and hooks, which a test may spoil."""
    shutil.copytree(GITHUB, tmp_path / ".github", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".pre-commit-config.yaml", tmp_path)
    return tmp_path


@needs_zizmor
def test_workflows_and_hooks_hold_nothing_dangerous(github):
    done = look_for_danger(github)
    assert done.returncode == 0, done.stdout
    assert all(path.name in done.stderr for path in WORKFLOWS), "read none"
    assert ".pre-commit-config.yaml" in done.stderr


@needs_zizmor
@pytest.mark.parametrize(
    ("right", "wrong", "rule"),
    [
        ("persist-credentials: false", "fetch-depth: 1", "artipacked"),
        ("permissions:\n  contents: read", "", "excessive-permissions"),
        ("actions/checkout@v5", "somebody/checkout@v5", "unpinned-uses"),
        ("run.py test", "run.py test ${{ github.head_ref }}", "template-injection"),
    ],
)
def test_a_dangerous_workflow_is_found(github, right, wrong, rule):
    path = github / ".github" / "workflows" / "tests.yml"
    text = path.read_text(encoding="utf-8")
    assert right in text
    path.write_text(text.replace(right, wrong), encoding="utf-8")
    done = look_for_danger(github)
    assert done.returncode > 0
    assert rule in done.stdout


def test_tests_run_on_each_system_with_the_oldest_and_the_newest_python():
    (job,) = read_workflow("tests.yml")["jobs"].values()
    matrix = job["strategy"]["matrix"]
    assert matrix["python"] == [f"{major}.{minor}" for major, minor in (run.OLDEST, run.NEWEST)]
    assert matrix["system"] == ["ubuntu-latest", "macos-latest", "windows-latest"]
    assert set(matrix) == {"python", "system"}, "nothing is left out"
    assert job["runs-on"] == "${{ matrix.system }}"
    versions = [step.get("with", {}).get("python-version") for step in job["steps"]]
    assert "${{ matrix.python }}" in versions


def test_tests_run_by_the_command_of_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    command = re.search(r"^python3 (run\.py test)\b", readme, flags=re.MULTILINE)[1]
    assert list_steps(read_workflow("tests.yml"))[-1] == {"run": f"python {command}"}


def test_tests_on_linux_get_what_ci_installs_too():
    steps = list_steps(read_workflow("tests.yml"))
    words = next(step["run"] for step in steps if step.get("if") == "runner.os == 'Linux'")
    ours = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for program in ("chromium", "bubblewrap"):
        assert f"missing+=({program})" in ours
        assert program in words


def test_workflows_start_when_they_should():
    assert set(read_workflow("tests.yml")["on"]) == {"push", "pull_request"}
    weekly = read_workflow("weekly.yml")["on"]
    assert set(weekly) == {"schedule", "workflow_dispatch"}
    (when,) = weekly["schedule"]
    assert re.fullmatch(r"\d+ \d+ \* \* [0-6]", when["cron"]), "once a week"


@pytest.mark.parametrize("path", WORKFLOWS, **IDS)
def test_workflow_has_few_rights_and_an_end(path):
    workflow = read_workflow(path.name)
    assert workflow["permissions"] == {"contents": "read"}
    assert "github.ref" in workflow["concurrency"]["group"]
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 120
        assert "permissions" not in job
    checkouts = [
        step for step in list_steps(workflow) if "actions/checkout" in step.get("uses", "")
    ]
    assert [step["with"]["persist-credentials"] for step in checkouts] == [False]


def test_weekly_packages_are_those_of_pyproject_with_and_without_bounds():
    pyproject = {
        "project": {"dependencies": ["numpy>=2.3,<2.5", "tensorflow>=2,<3; sys_platform == 'x'"]},
        "dependency-groups": {"test": ["pytest>=9"], "book": ["sphinx-book-theme>=1.1"]},
    }
    asked = [*pyproject["project"]["dependencies"], "pytest>=9", "sphinx-book-theme>=1.1"]
    assert list_packages("allowed", pyproject) == asked
    free = list_packages("beyond", pyproject)
    assert free == ["numpy", "tensorflow; sys_platform == 'x'", "pytest", "sphinx-book-theme"]
    assert pyproject["project"]["dependencies"][0] == "numpy>=2.3,<2.5"


@pytest.mark.parametrize("versions", ["allowed", "beyond"])
def test_weekly_packages_are_requirements(versions):
    command = [sys.executable, str(GITHUB / "list_packages.py"), versions]
    lines = subprocess.check_output(command, text=True).splitlines()
    found = [Requirement(line) for line in lines]
    assert {"numpy", "pytest", "nbgrader", "sphinx", "uv"} <= {one.name for one in found}
    assert all(bool(one.specifier) == (versions == "allowed") for one in found)
    (job,) = read_workflow("weekly.yml")["jobs"].values()
    assert versions in job["strategy"]["matrix"]["versions"]


def test_list_of_packages_needs_to_know_which():
    command = [sys.executable, str(GITHUB / "list_packages.py"), "newest"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.strip() == "Say which versions: allowed or beyond."


def read_hooks():
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    (repo,) = yaml.safe_load(text)["repos"]
    assert repo["repo"] == "local", "nothing is fetched"
    return {hook["id"]: hook for hook in repo["hooks"]}


def test_hooks_call_what_is_installed():
    hooks = read_hooks()
    for hook in hooks.values():
        assert {"id", "name", "entry", "language"} < set(hook), "what pre-commit asks for"
        assert set(hook) - {"id", "name", "entry", "language"} <= {"files", "types_or"}
    assert {hook["language"] for hook in hooks.values()} == {"system", "fail"}
    assert hooks["ruff-check"]["entry"].startswith("ruff check")
    assert hooks["ruff-format"]["entry"].startswith("ruff format --check")
    module = hooks["notebooks-in-order"]["entry"].removeprefix("python -m ")
    assert importlib.util.find_spec(module)


@pytest.mark.parametrize(
    ("hook", "path", "matches"),
    [
        ("no-data", "data/train_data_01.fits", True),
        ("no-data", "spectrum.fits.gz", True),
        ("no-data", "a/cnn.keras", True),
        ("no-data", "a/forest.skops", True),
        ("no-data", "a/old.h5", True),
        ("no-data", "a.npz", True),
        ("no-data", "a.pkl", True),
        ("no-data", "a.joblib", True),
        ("no-data", "spectra_helpers/fits.py", False),
        ("no-data", "notes.fits.md", False),
        ("notebooks-in-order", "notebooks/07_comparison.ipynb", True),
        ("notebooks-in-order", "notebooks/glossary.ipynb", False),
        ("notebooks-in-order", "assignments/source/ps1/01.ipynb", False),
    ],
)
def test_hooks_look_at_the_right_files(hook, path, matches):
    assert bool(re.search(read_hooks()[hook]["files"], path)) == matches


def test_hook_refuses_no_file_that_the_project_has():
    if not (ROOT / ".git").exists():
        pytest.skip("this is no clone")
    paths = subprocess.check_output(["git", "ls-files"], cwd=ROOT, encoding="utf-8").splitlines()
    assert "run.py" in paths
    assert not [path for path in paths if re.search(read_hooks()["no-data"]["files"], path)]


def make_notebook(*counts, error=None):
    """A notebook whose cells ran as these numbers; the cell ``error`` ended with an error."""
    cells = [new.new_markdown_cell("# A title")]
    for k, count in enumerate(counts):
        failure = new.new_output("error", ename="ValueError", evalue="no", traceback=[])
        outputs = [failure] if k == error else []
        cells.append(new.new_code_cell(f"line_{k}\nmore", execution_count=count, outputs=outputs))
    return new.new_notebook(cells=[*cells, new.new_code_cell("")])


@pytest.mark.parametrize(
    ("notebook", "expected"),
    [
        (make_notebook(1, 2, 3), []),
        (make_notebook(1, 3, 2), ["run as number 3, not 2: line_1", "run as number 2, not 3"]),
        (make_notebook(2, 3), ["run as number 2, not 1: line_0", "run as number 3, not 2"]),
        (make_notebook(1, None, 3), ["not run: line_1"]),
        (make_notebook(1, 2, error=1), ["ended with an error: line_1"]),
    ],
)
def test_notebooks_that_were_not_run_from_the_top_are_found(notebook, expected):
    found = find_disorder(notebook)
    assert len(found) == len(expected)
    assert all(one.startswith(start) for one, start in zip(found, expected, strict=True))


def test_check_of_notebooks_names_file_and_remedy(tmp_path, capsys):
    good, bad = tmp_path / "01_good.ipynb", tmp_path / "02_bad.ipynb"
    for path, notebook in ((good, make_notebook(1)), (bad, make_notebook(None))):
        path.write_text(nbformat.writes(notebook), encoding="utf-8")
    assert main([str(good)]) == 0
    assert capsys.readouterr().out == ""
    assert main([str(good), str(bad)]) == 1
    first, remedy = capsys.readouterr().out.splitlines()
    assert first == f"{bad}: not run: line_0"
    assert "run.py lessons" in remedy


def test_lessons_are_stored_in_order():
    assert main([]) == 0
