"""The scorecard of laws and other libraries: what is told apart, and the file that a session leaves."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from laws.harness import Finding, Law, Scorecard
from peers.harness import Peer, PeerCard, difference

TESTS = Path(__file__).parent
PEER = Peer("sums of dice", "numpy", "sum", "eleven dice")
LAW = Law("a fair die", "mean", "a die without six", 1e-3, 1e-3)


def test_equal_laws_are_told_apart_as_rarely_as_is_stated() -> None:
    """Of 400 pairs at .02: at most 18 but once in 1,000 (binomial); columns share the rate."""
    rng = np.random.default_rng(1)
    for columns in (1, 3):
        pairs = rng.binomial(9, 0.3, (400, 2, 60, columns)).astype(float)
        assert sum(difference(a, b) <= 0.02 for a, b in pairs) <= 18
    coins = rng.binomial(1, 0.3, (400, 2, 60))
    assert sum(difference(a, b) <= 0.02 for a, b in coins) <= 18


def test_differences_in_position_in_spread_and_in_chance_are_noticed() -> None:
    rng = np.random.default_rng(1)
    plain = rng.normal(size=800)
    assert difference(rng.normal(0.5, size=800), plain) < 1e-6
    assert difference(rng.normal(0, 2, size=800), plain) < 1e-6
    assert difference(np.arange(200) % 2, np.arange(200) % 4 == 0) < 1e-6
    two = np.column_stack([plain, np.where(plain > 0, np.inf, plain)])
    assert difference(two, np.column_stack([plain, plain])) < 1e-6
    assert difference(two, two) == 1.0


def test_a_sample_that_is_none_is_refused() -> None:
    for sample in (np.zeros(5), np.full(30, np.nan), np.zeros((30, 2, 2))):
        with pytest.raises(AssertionError):
            difference(sample, sample)


def test_a_comparison_needs_agreement_and_a_control_that_is_rejected() -> None:
    rng = np.random.default_rng(1)
    found: list[tuple[str, object]] = []
    card = PeerCard(lambda name, value: found.append((name, value)))
    ours, theirs = rng.integers(1, 7, (2, 300, 10)).sum(axis=2)
    eleven = rng.integers(1, 7, (300, 11)).sum(axis=1)
    card.agree(PEER, ours, theirs, eleven)
    assert len(found) == 1 and isinstance(found[0][1], dict) and found[0][1]["library"] == "numpy"
    with pytest.raises(AssertionError, match="differs in sum"):
        card.agree(PEER, eleven, theirs, eleven)
    with pytest.raises(AssertionError, match="does not notice eleven dice"):
        card.agree(PEER, ours, theirs, ours)


def test_a_law_is_recorded_with_its_control() -> None:
    found: list[object] = []
    card = Scorecard(lambda name, value: found.append(value))

    def judge(mean: float) -> Finding:
        return Finding(abs(mean - 3.5) < 0.1, 3.5, mean, 0.1)

    card.check_law(LAW, judge, np.float64(3.52), 3.0)
    assert found == [
        {"kind": "law", "text": "a fair die", "number": "mean", "expected": 3.5, "measured": 3.52, "allowed": "± 0.1",
         "mistake": "a die without six", "control": 3.0, "false_alarm": 1e-3, "miss": 1e-3, "library": "",
         "control_rejected": ""}
    ]  # fmt: skip


SESSION = """
import numpy as np
import pytest
from laws.harness import Finding, Law, sizes
from peers.harness import Peer

def test_die(scorecard):
    law = Law("a fair die", "mean", "a die without six", 1e-3, 1e-3)
    scorecard.check_law(law, lambda mean: Finding(abs(mean - 3.5) < .1, 3.5, mean), 3.52, 3.0)

def test_wrong(scorecard):
    law = Law("a loaded die", "mean", "a die without six", 1e-3, 1e-3)
    scorecard.check_law(law, lambda mean: Finding(abs(mean - 3.5) < .1, 3.5, mean), 3.9, 3.0)

@pytest.mark.parametrize("size", sizes(1, 2))
def test_sizes(size, scorecard):
    raise AssertionError("its full size is marked verify")

@pytest.mark.peers
def test_peer(peer_card):
    a, b = np.random.default_rng(1).integers(1, 7, (2, 200))
    peer_card.agree(Peer("a die | six", "numpy", "eyes", "one more"), a, b, a + 1)
"""


@pytest.mark.parametrize("workers", [0, 2])
def test_a_session_leaves_the_scorecard_as_json_and_as_a_table(workers: int, tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(SESSION)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = law\n  peers\n  verify\n")
    place = tmp_path / "build" / "scorecard.json"
    plugins = [
        "-m",
        "law or peers",
        "-p",
        "laws.harness",
        "-p",
        "peers.harness",
        *(["-n", str(workers)] if workers else []),
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", tmp_path, *plugins, "."],
        cwd=tmp_path,
        env={**os.environ, "SCORECARD": str(place), "PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path])},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1 and "1 failed, 2 passed" in done.stdout, done.stdout + done.stderr
    card = json.loads(place.read_text())
    found = card["entries"]
    assert {"Python", "diffusion", "numpy"} <= set(card["versions"]) and card["complete"]
    assert [(e["kind"], e["test"], e["verdict"]) for e in found] == [
        ("law", "test_die", "holds"), ("law", "test_wrong", "FAILS"), ("peer", "test_peer", "holds"),
    ]  # fmt: skip
    page = place.with_suffix(".md").read_text()
    assert (
        "| a fair die | mean | 3.5 | 3.52 |" in page and "| a die ∣ six (200 beside 200 replicates) | numpy |" in page
    )
    assert "FAIL a loaded die: mean 3.5 expected, 3.9 measured (a die without six: 3)" in done.stdout
