"""`import diffusion` costs nothing: no plot backend, no data-frame library, no file written."""

import json
import os
import subprocess
import sys
from pathlib import Path

HEAVY = ("matplotlib", "networkx", "pandas", "pyarrow", "scipy.stats", "rich", "typer")

# An audit hook sees every file opened for writing, wherever it lies, which a look into one folder would miss.
PROBE = """
import json, os, sys
written = []
def watch(event, args):
    if event == "open":
        path, mode, flags = args
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND) and str(path) != os.devnull:
            written.append(str(path))
    elif event in ("os.mkdir", "os.rename", "os.remove", "os.symlink", "os.link"):
        written.append(f"{event} {args[0]}")
sys.addaudithook(watch)
%s
loaded = [name for name in %r if name in sys.modules]
sys.stdout.write(json.dumps([loaded, written]))
"""


def after(statement: str, home: Path) -> tuple[list[str], list[str]]:
    """What of HEAVY is loaded and which files are written when `statement` runs in a fresh interpreter."""
    places = dict.fromkeys(("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"), str(home))
    # Python's own .pyc files are not the package's doing.
    environment = {**os.environ, **places, "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("NUMBA_CACHE_DIR", None)
    done = subprocess.run(
        [sys.executable, "-c", PROBE % (statement, HEAVY)],
        cwd=home,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loaded, written = json.loads(done.stdout)
    return loaded, written


def test_importing_the_package_loads_nothing_heavy_and_writes_no_file(tmp_path: Path) -> None:
    assert after("import diffusion", tmp_path) == ([], [])
    assert list(tmp_path.iterdir()) == []


def test_the_probe_sees_a_heavy_import(tmp_path: Path) -> None:
    loaded, _ = after("import networkx, scipy.stats", tmp_path)
    assert loaded == ["networkx", "scipy.stats"]


def test_the_probe_sees_a_written_file_and_a_new_folder(tmp_path: Path) -> None:
    _, written = after("open('a.txt', 'w').close(); os.mkdir('b')", tmp_path)
    assert written == ["a.txt", "os.mkdir b"]
