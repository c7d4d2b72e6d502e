"""The set-up: one list of packages in three files, and what run.py decides."""

import ast
import importlib.util
import os
import re
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import psutil
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
CONDA_NAMES = {"matplotlib-base": "matplotlib"}

spec = importlib.util.spec_from_file_location("run", ROOT / "run.py")
run = importlib.util.module_from_spec(spec)
spec.loader.exec_module(run)


def read_pyproject():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def read_direct_dependencies():
    """Everything that pyproject.toml asks for by name, as Requirements."""
    pyproject = read_pyproject()
    groups = pyproject["dependency-groups"].values()
    lines = pyproject["project"]["dependencies"] + [line for group in groups for line in group]
    return [Requirement(line) for line in lines]


def read_pins():
    """Requirement and hash options of each entry of requirements.txt, by package name."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    pins = {}
    for line in filter(str.strip, text.splitlines()):
        requirement, *hashes = line.split("--hash=")
        requirement = Requirement(requirement)
        pins.setdefault(canonicalize_name(requirement.name), []).append((requirement, hashes))
    return pins


def read_conda():
    """Version of each package in environment.yml, by package name."""
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    *lines, from_pip = environment["dependencies"]
    lines = [line for line in lines if "==" in line]
    lines += [line for line in from_pip["pip"] if not line.startswith("-e")]
    requirements = [Requirement(line) for line in lines]
    return {
        canonicalize_name(CONDA_NAMES.get(one.name, one.name)): str(one.specifier)
        for one in requirements
    }


def test_requirements_pin_every_direct_dependency_to_an_allowed_version():
    pins = read_pins()
    for dependency in read_direct_dependencies():
        for pin, _ in pins[canonicalize_name(dependency.name)]:
            version = str(pin.specifier).removeprefix("==")
            assert dependency.specifier.contains(version), f"{dependency} against {pin}"


def test_requirements_hold_exact_versions_with_hashes_and_no_address():
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^-", text, flags=re.MULTILINE), "an option such as --index-url"
    for entries in read_pins().values():
        for pin, hashes in entries:
            assert pin.url is None
            assert re.fullmatch(r"==[\w.+!]+", str(pin.specifier)), pin
            assert hashes, f"{pin} has no hash"
            assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", one.strip()) for one in hashes)


def test_conda_environment_has_the_same_packages_and_versions():
    direct = {canonicalize_name(one.name) for one in read_direct_dependencies()}
    pins = {name: str(entries[0][0].specifier) for name, entries in read_pins().items()}
    assert read_conda() == {name: pins[name] for name in direct}


def test_conda_python_is_one_that_pyproject_allows():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    python = next(line for line in environment["dependencies"] if str(line).startswith("python="))
    allowed = Requirement("python" + read_pyproject()["project"]["requires-python"])
    assert allowed.specifier.contains(python.removeprefix("python="))


def test_every_dependency_says_what_it_is_for():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8").partition("[tool.")[0]
    lines = [line for line in text.splitlines() if re.match(r'    "[A-Za-z0-9_-]+>=', line)]
    assert len(lines) == len(read_direct_dependencies())
    for line in lines:
        comment = line.partition(" # ")[2]
        assert len(comment.split()) >= 2, line


def test_citation_and_package_have_one_version_and_licence():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = read_pyproject()["project"]
    assert str(citation["version"]) == project["version"]
    assert citation["license"] == project["license"] == "MIT"


def test_run_accepts_the_pythons_that_pyproject_allows():
    allowed = Requirement("python" + read_pyproject()["project"]["requires-python"]).specifier
    for minor in range(6, 20):
        problem = run.check_python((3, minor, 1), "linux")
        assert (problem is None) == allowed.contains(f"3.{minor}.1")


@pytest.mark.parametrize(
    ("system", "words"), [("linux", "apt"), ("darwin", "brew"), ("win32", "winget")]
)
def test_wrong_python_is_told_what_to_install(system, words):
    assert "3.9, too old" in run.check_python((3, 9, 2), system)
    assert "3.14, too new" in run.check_python((3, 14, 0), system)
    assert words in run.check_python((3, 9, 2), system)


def test_old_pythons_can_read_run_py():
    ast.parse((ROOT / "run.py").read_text(encoding="utf-8"), feature_version=(3, 6))


def test_run_needs_only_the_standard_library():
    tree = ast.parse((ROOT / "run.py").read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {getattr(node, "module", None) or node.names[0].name for node in imports}
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


@pytest.mark.parametrize(
    ("system", "python"),
    [
        ("linux", Path(".venv/bin/python")),
        ("darwin", Path(".venv/bin/python")),
        ("win32", Path(".venv/Scripts/python.exe")),
    ],
)
def test_each_task_has_its_command_line_on_each_system(system, python):
    assert run.find_venv_python(Path(".venv"), system) == python
    name = str(python)
    lab = [name, "-m", "jupyterlab", f"--LabApp.default_url=/lab/tree/{run.FIRST_LESSON}"]
    assert run.build_command("lab", ["--port=9"], python) == [*lab, "--port=9"]
    bare = run.build_command("lab", [], python, root_user=True, screen=False)
    assert bare == [*lab, "--allow-root", "--no-browser"]
    assert run.build_command("test", ["-k", "x"], python)[-2:] == ["-k", "x"]
    assert run.build_command("test", [], python)[:3] == [name, "-m", "pytest"]
    lessons = run.build_command("lessons", ["7", "--save"], python)
    assert lessons == [name, "-m", "spectra_tools.series.run", "7", "--save"]
    assert run.build_command("book", [], python)[1:] == ["-m", "spectra_tools.series.book"]


def test_first_word_chooses_the_task():
    assert run.read_arguments([]) == ("lab", [])
    assert run.read_arguments(["--port=9"]) == ("lab", ["--port=9"])
    assert run.read_arguments(["test", "-k", "x"]) == ("test", ["-k", "x"])
    assert run.read_arguments(["lessons", "7"]) == ("lessons", ["7"])
    assert run.read_arguments(["book"]) == ("book", [])
    assert run.read_arguments(["tests"])[0] is None


def test_unknown_word_gives_one_line_of_help_and_exit_code_2():
    command = [sys.executable, str(ROOT / "run.py"), "tests"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "test | lessons | book" in done.stderr


def test_browser_needs_a_screen_on_linux_only():
    assert run.has_screen("darwin", {})
    assert run.has_screen("win32", {})
    assert run.has_screen("linux", {"DISPLAY": ":0"})
    assert run.has_screen("linux", {"WAYLAND_DISPLAY": "wayland-0"})
    assert not run.has_screen("linux", {})


def test_environment_keeps_outside_packages_out(tmp_path):
    given = {"PYTHONPATH": "elsewhere", "PATH": "usual", "TF_CPP_MIN_LOG_LEVEL": "0"}
    made = run.make_environment(given, tmp_path)
    assert "PYTHONPATH" not in made
    assert made["PATH"].split(run.os.pathsep) == [str(tmp_path), "usual"]
    assert made["TF_CPP_MIN_LOG_LEVEL"] == "0"
    assert "PYTHONPATH" in given


def test_exit_codes_are_passed_on():
    for code in (0, 7):
        start = (
            f"import run, sys; sys.exit(run.wait_for([sys.executable, '-c', 'exit({code})'], None))"
        )
        assert subprocess.call([sys.executable, "-c", start], cwd=ROOT) == code


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends processes without a signal")
def test_ending_run_py_ends_what_it_started():
    code = (
        "import os, run, sys\n"
        "child = 'import os, time; print(os.getpid(), flush=True); time.sleep(60)'\n"
        "sys.exit(run.wait_for([sys.executable, '-c', child], None))"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE) as parent:
        child = int(parent.stdout.readline())
        parent.terminate()
        assert parent.wait(20) == 128 + signal.SIGTERM
    assert not psutil.pid_exists(child)


@pytest.mark.parametrize(
    ("is_root", "apt_get", "words"),
    [(False, "/usr/bin/apt-get", "sudo apt install python3.11-venv"), (True, None, "ensurepip")],
)
def test_missing_venv_module_is_explained(is_root, apt_get, words):
    with pytest.raises(SystemExit, match=words):
        run.add_venv_module((3, 11, 2), is_root, apt_get)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A copy of the files that set_up reads, and a list of the steps it takes."""
    for name in ("requirements.txt", "pyproject.toml"):
        (tmp_path / name).write_text("first\n")
    python = run.find_venv_python(tmp_path / ".venv", sys.platform)
    steps = []

    def make_venv(command):
        steps.append("venv")
        (tmp_path / ".venv" / "set-up-finished.txt").unlink(missing_ok=True)  # as --clear does
        python.parent.mkdir(parents=True, exist_ok=True)
        python.touch()
        return 0

    monkeypatch.setattr(run.subprocess, "call", make_venv)
    monkeypatch.setattr(run, "install_packages", lambda *_: steps.append("install"))
    return tmp_path, steps


def test_finished_set_up_is_used_as_it_is(project):
    root, steps = project
    assert run.set_up(root) == run.set_up(root)
    assert steps == ["venv", "install"]


@pytest.mark.parametrize("name", ["requirements.txt", "pyproject.toml"])
def test_changed_package_list_brings_the_environment_up_to_date(project, name):
    root, steps = project
    run.set_up(root)
    (root / name).write_text("second\n")
    run.set_up(root)
    run.set_up(root)
    assert steps == ["venv", "install", "install"]


def test_interrupted_set_up_is_redone(project, monkeypatch):
    root, steps = project
    with monkeypatch.context() as patch:
        patch.setattr(run, "install_packages", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run.set_up(root)
    run.set_up(root)
    assert steps == ["venv", "venv", "install"]


def test_interrupted_update_is_redone_from_scratch(project, monkeypatch):
    root, steps = project
    run.set_up(root)
    (root / "requirements.txt").write_text("second\n")
    with monkeypatch.context() as patch:
        patch.setattr(run, "install_packages", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run.set_up(root)
    run.set_up(root)
    assert steps == ["venv", "install", "venv", "install"]


def test_environment_without_its_python_is_made_anew(project):
    root, steps = project
    python = run.set_up(root)
    python.unlink()
    run.set_up(root)
    assert steps == ["venv", "install", "venv", "install"]


def test_stamp_knows_python_and_folder_but_not_line_ends(tmp_path):
    for name in ("requirements.txt", "pyproject.toml"):
        (tmp_path / name).write_bytes(b"one\ntwo\n")
    stamp = run.make_stamp(tmp_path, (3, 12, 1))
    assert run.make_stamp(tmp_path, (3, 13, 1)) != stamp
    (tmp_path / "requirements.txt").write_bytes(b"one\r\ntwo\r\n")
    assert run.make_stamp(tmp_path, (3, 12, 9)) == stamp


def test_paths_of_data_are_made_absolute(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    two = os.pathsep.join(["a", "b"])  # files may be several; a folder is one, whatever its name
    given = {"SPECTRA_DATA": two, "SPECTRA_REAL": two, "SPECTRA_DATA_FOLDER": two}
    environment = run.make_environment(given, tmp_path / "bin")
    expected = [str(tmp_path / name) for name in ("a", "b")]
    assert environment["SPECTRA_DATA"].split(os.pathsep) == expected
    assert environment["SPECTRA_REAL"] == str(tmp_path / two)
    assert environment["SPECTRA_DATA_FOLDER"] == str(tmp_path / two)


def list_config(**settings):
    """What pip prints of settings: {section: {option: value}}."""
    names = {"env": ":env:"}
    return "".join(
        f"{names.get(section, section)}.{option.replace('_', '-')}={value!r}\n"
        for section, options in settings.items()
        for option, value in options.items()
    )


@pytest.mark.parametrize("section", ["global", "install", "env"])
def test_uv_gets_the_index_of_pip_from_each_place(section):
    shown = list_config(**{section: {"index_url": "https://a.example/simple"}})
    assert run.make_uv_environment(shown, {})["UV_DEFAULT_INDEX"] == "https://a.example/simple"


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        (
            "extra_index_url",
            "\nfile:///srv/simple\nhttps://b.example/simple",
            {"UV_INDEX": "file:///srv/simple https://b.example/simple"},
        ),
        ("trusted_host", "a.example  b.example:80", {"UV_INSECURE_HOST": "a.example b.example:80"}),
        ("cert", "/home/o'neil/my certs.pem", {"SSL_CERT_FILE": "/home/o'neil/my certs.pem"}),
        ("client_cert", 'a "b".pem', {"SSL_CLIENT_CERT": 'a "b".pem'}),
        ("default_timeout", "180", {"UV_HTTP_TIMEOUT": "180"}),
        ("timeout", "60", {"UV_HTTP_TIMEOUT": "60"}),
        ("no_index", "true", {"UV_NO_INDEX": "true"}),
        ("no_cache_dir", "1", {"UV_NO_CACHE": "1"}),
        ("cache_dir", "/big disk", {"UV_CACHE_DIR": os.path.join("/big disk", "uv")}),
        (
            "proxy",
            "http://me:secret=1@p.example:80",
            {
                "HTTP_PROXY": "http://me:secret=1@p.example:80",
                "HTTPS_PROXY": "http://me:secret=1@p.example:80",
            },
        ),
        ("constraint", "limits.txt", {}),  # with hashes uv takes no constraint such as "<2"
        ("disable_pip_version_check", "1", {}),
    ],
)
def test_uv_gets_each_setting_of_pip(option, value, expected):
    made = run.make_uv_environment(list_config(**{"global": {option: value}}), {})
    assert made.pop("UV_SYSTEM_CERTS") == "1"
    assert made == expected


def test_settings_of_pip_override_each_other_as_in_pip():
    shown = list_config(
        env={"index_url": "of-the-environment"},
        **{"global": {"index_url": "of all", "cert": "of all", "proxy": "p"}},
        install={"index_url": "of install", "cert": "of install"},
        download={"cert": "of another command"},
    )
    made = run.make_uv_environment(shown, {})
    assert made["UV_DEFAULT_INDEX"] == "of-the-environment"
    assert made["SSL_CERT_FILE"] == "of install"
    assert made["HTTPS_PROXY"] == "p"


def test_find_links_of_pip_reach_uv_but_for_folders_that_are_not_there(tmp_path, monkeypatch):
    home, wheels = tmp_path / "home", tmp_path / "wheels"
    for folder in (home / "mine", wheels):
        folder.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    places = f"{wheels} {tmp_path / 'gone'} file:///gone https://a.example/all.html ~/mine"
    made = run.make_uv_environment(list_config(**{"global": {"find_links": places}}), {})
    found = made["UV_FIND_LINKS"].split(",")
    assert [found[0], found[1], Path(found[2])] == [
        str(wheels),
        "https://a.example/all.html",
        home / "mine",
    ]
    made = run.make_uv_environment(list_config(**{"global": {"find_links": "/gone"}}), {})
    assert "UV_FIND_LINKS" not in made


def test_settings_of_uv_for_other_projects_are_dropped():
    given = {
        "UV_INDEX_URL": "https://other.example",
        "UV_PROJECT_ENVIRONMENT": "elsewhere",
        "UV_SYSTEM_PYTHON": "1",
        "UV_CONFIG_FILE": "gone.toml",
        "UV_CACHE_DIR": "/big/uv",
        "PATH": "usual",
    }
    shown = list_config(env={"cache_dir": "/small"})
    made = run.make_uv_environment(shown, given)
    assert made == {"UV_CACHE_DIR": "/big/uv", "PATH": "usual", "UV_SYSTEM_CERTS": "1"}
    assert len(given) == 6


def test_settings_are_those_that_this_pip_prints(tmp_path):
    """Not our own idea of its format: pip reads a file and prints it."""
    config = tmp_path / "pip.conf"
    config.write_text(
        "[global]\nindex-url = https://a.example/simple\n"
        "extra-index-url =\n    https://b.example/simple\n    https://c.example/simple\n"
        "[install]\ncert = /o'neil/c.pem\n"
    )
    environment = {name: os.environ[name] for name in os.environ if not name.startswith("PIP_")}
    environment |= {"PIP_CONFIG_FILE": str(config), "PIP_TIMEOUT": "77"}
    command = [sys.executable, "-m", "pip", "config", "list"]
    shown = subprocess.check_output(command, env=environment, text=True)
    made = run.make_uv_environment(shown, {})
    assert made["UV_DEFAULT_INDEX"] == "https://a.example/simple"
    assert made["UV_INDEX"].split() == ["https://b.example/simple", "https://c.example/simple"]
    assert made["SSL_CERT_FILE"] == "/o'neil/c.pem"
    assert made["UV_HTTP_TIMEOUT"] == "77"


def test_uv_is_fetched_in_one_pinned_version_with_hashes():
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    entry = run.read_pin(text, "uv")
    assert re.fullmatch(r"uv==[\d.]+( \\\n    --hash=sha256:[0-9a-f]{64})+\n", entry)
    assert text.count("\nuv==") == 1
    assert entry.count("sha256:") == len(read_pins()["uv"][0][1])
    assert run.read_pin("uv-more==1\nuv==2 \\\n  --hash=x\nvoila==3", "uv") == (
        "uv==2 \\\n  --hash=x\n"
    )


@pytest.fixture
def installers(tmp_path, monkeypatch):
    """A project whose installers only note their command lines; what fails, and with what words."""
    (tmp_path / ".venv").mkdir()
    (tmp_path / "requirements.txt").write_text("uv==1 \\\n    --hash=sha256:0\n")
    lines, failing = [], {}

    def follow(command, root, environment, errors=None):
        lines.append(command)
        assert root == tmp_path
        return next((words for part, words in failing.items() if part in command), "")

    monkeypatch.setattr(run, "follow", follow)
    monkeypatch.setattr(run, "make_venv", lambda venv: lines.append(["clear", venv]))
    monkeypatch.setattr(run.subprocess, "check_output", lambda *_, **__: "")
    return tmp_path, lines, failing


PIP = ["py", "-m", "pip", "--disable-pip-version-check", "install"]
PINNED = [*PIP, "--compile", "--require-hashes", "-r", "requirements.txt"]
ITSELF = [*PIP, "--compile", "--no-deps", "--no-build-isolation", "-e", "."]
FETCH = [*PIP, "--require-hashes", "--only-binary", "uv", "-r", ".venv/uv.txt"]
UV = [
    *["py", "-m", "uv", "--color", "never", "--no-config", "pip", "install"],
    *["--python", "py", "--index-strategy", "unsafe-best-match"],
]
UV_PINNED = [*UV, "--compile-bytecode", "--require-hashes", "-r", "requirements.txt"]
UV_ITSELF = [*UV, "--reinstall", "--no-deps", "--no-build-isolation", "-e", "."]


def test_uv_installs_into_this_environment_only(installers, capsys):
    root, lines, _ = installers
    run.install_packages(Path("py"), root, {})
    assert lines == [FETCH, UV_PINNED, UV_ITSELF]
    assert (root / ".venv" / "uv.txt").read_text() == "uv==1 \\\n    --hash=sha256:0\n"
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("part", "before"),
    [
        (".venv/uv.txt", [FETCH]),
        ("--compile-bytecode", [FETCH, UV_PINNED, "clear"]),
    ],
)
def test_pip_goes_on_where_uv_stops_and_says_so_once(installers, capsys, part, before):
    root, lines, failing = installers
    failing[part] = "no such host"
    run.install_packages(Path("py"), root, {})
    clear = ["clear", root / ".venv"]
    assert lines == [clear if step == "clear" else step for step in before] + [PINNED, ITSELF]
    assert capsys.readouterr().out.strip() == (
        f"uv could not install the packages (no such host); pip goes on: {run.SLOW}"
    )


def test_pip_goes_on_where_uv_cannot_install_the_project(installers, monkeypatch):
    root, lines, _ = installers
    note = run.follow

    def fail(command, *places):
        return note(command, *places) or ("no setuptools" if command == UV_ITSELF else "")

    monkeypatch.setattr(run, "follow", fail)
    run.install_packages(Path("py"), root, {})
    assert lines == [FETCH, UV_PINNED, UV_ITSELF, ["clear", root / ".venv"], PINNED, ITSELF]


def test_pip_alone_installs_where_the_user_says_so(installers, capsys):
    root, lines, _ = installers
    run.install_packages(Path("py"), root, {"SPECTRA_SETUP": "pip"})
    assert lines == [PINNED, ITSELF]
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("part", ["--compile", "--no-build-isolation"])
def test_installation_that_pip_cannot_finish_stops(installers, part):
    root, lines, failing = installers
    failing |= {"uv": "no uv", part: "broken"}
    with pytest.raises(SystemExit, match="starts anew"):
        run.install_packages(Path("py"), root, {"SPECTRA_SETUP": "pip"})
    assert part in lines[-1]


def follow_code(code, **options):
    return run.follow([sys.executable, "-c", code], ROOT, dict(os.environ), **options)


def test_what_stopped_an_installer_is_told_in_one_line():
    errors = {"errors": subprocess.STDOUT}
    say = "import sys; print('Resolved 3'); print({!r}, file=sys.stderr); sys.exit(2)"
    assert follow_code(say.format("error: no disk\n  cause: full"), **errors) == "no disk"
    assert follow_code(say.format("ERROR: None of 1, 2\nERROR: No match\n"), **errors) == "No match"
    assert len(follow_code(say.format("error: " + 50 * "long "), **errors)) == 120
    assert follow_code("import no_such_module", **errors).endswith("'no_such_module'")
    assert follow_code("raise SystemExit(3)", **errors) == "it gave no reason"
    assert follow_code("print('error: only talk')", **errors) == ""


def test_uv_that_is_missing_or_fails_gives_a_reason():
    missing = [sys.executable, "-S", "-m", "uv"]  # without site-packages
    assert "uv" in run.follow(missing, ROOT, dict(os.environ), subprocess.STDOUT)
    pytest.importorskip("uv", reason="uv is no Python package here")
    wrong = [sys.executable, "-m", "uv", "pip", "install", "-r", "no-such-file.txt"]
    assert "no-such-file.txt" in run.follow(wrong, ROOT, dict(os.environ), subprocess.STDOUT)


def test_progress_is_told_in_the_same_words_for_both_installers(capsys, monkeypatch):
    monkeypatch.setattr(run.sys.stdout, "isatty", lambda: True, raising=False)
    for line in (
        "Collecting numpy==2.4.6 (from -r requirements.txt)\n",
        "  Downloading numpy-2.4.6.whl (16.6 MB)\n",
        "Installing collected packages: numpy, scipy\n",
        "Installing collected packages: uv\n",
        "Downloading scipy (33.6MiB)\n",
        " Downloaded scipy\n",
        "Installed 194 packages in 310ms\n",
        "Installed\n",
        "\n",
    ):
        run.show_progress(line)
    shown = [part.strip() for part in re.split(r"[\r\n]+", capsys.readouterr().out)]
    assert list(filter(None, shown)) == [
        "fetching numpy==2.4.6",
        "unpacking and compiling 2 packages",
        "fetching scipy",
        "compiling 194 packages",
    ]
