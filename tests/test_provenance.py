"""Where numbers come from: the state of the folder in git, and nothing where there is none."""

import subprocess
from pathlib import Path

import pytest

from diffusion.study.provenance import git_state, provenance


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "a.toml").write_text("one\n")
    for command in (
        ["init", "-q"],
        ["add", "a.toml"],
        ["-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-q", "-m", "first"],
    ):
        subprocess.run(["git", "-C", str(folder), *command], check=True, capture_output=True)
    return folder


def test_commit_and_number_of_changed_files(repository: Path) -> None:
    head = subprocess.run(
        ["git", "-C", str(repository), "rev-parse", "HEAD"], check=True, capture_output=True, text=True
    )
    assert git_state(repository) == {"commit": head.stdout.strip(), "changed": 0}
    (repository / "a.toml").write_text("two\n")
    (repository / "new.txt").write_text("not in git\n")
    assert git_state(repository) == {"commit": head.stdout.strip(), "changed": 1}


def test_no_repository_no_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert git_state(tmp_path) is None
    assert "git" not in provenance(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))  # no git at all
    assert git_state(tmp_path) is None


def test_a_repository_without_a_commit_has_no_state(tmp_path: Path) -> None:
    subprocess.run(["git", "-C", str(tmp_path), "init", "-q"], check=True, capture_output=True)
    assert git_state(tmp_path) is None


def test_versions_and_machine() -> None:
    told = provenance()
    assert {"python", "diffusion", "numpy", "numba"} <= told["versions"].keys()
    assert told["machine"]["cores"] >= 1 and told["machine"]["processor"]
