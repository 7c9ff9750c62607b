"""The help of the command line, on a terminal of 80 columns."""

import pytest

from diffusion import cli
from diffusion.classic import MODELS

Printed = pytest.CaptureFixture[str]


@pytest.mark.parametrize("command", [[], ["graph"]])
def test_the_lines_of_help_are_whole(command: list[str], capsys: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert cli._guarded([*command, "--help"]) == 0
    listed = capsys.readouterr().out.partition("Commands:")[2]
    assert len(listed.splitlines()) > 2
    assert "..." not in listed
    assert all(line.endswith(".") for line in listed.splitlines() if line)


def test_models_are_listed_with_whole_sentences(capsys: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert cli._guarded(["classic", "--help"]) == 0
    listed = capsys.readouterr().out.partition("Commands:")[2]
    assert "..." not in listed
    assert listed.count(".\n") == len(MODELS)
    assert all(f"  {name} " in listed for name in MODELS)
