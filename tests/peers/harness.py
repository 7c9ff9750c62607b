"""How another library is agreed with: one test accepts its replicates beside ours, and rejects ours with a mistake.

A sample has one row per replicate: (R,) for one number, (R, k) for several of the same replicate (persons in each
state, whether each person became active …). Columns are compared one by one, the false-alarm rate shared among them
(Bonferroni). Infinite numbers (never) may be there; NaN may not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from verified import CARD_PROPERTY, Entry


@dataclass(frozen=True)
class Peer:
    """What is compared with whom, the number it is about, the mistake that must be rejected, and the chance of alarm.

    `false_alarm` is the chance that two correct programs are told apart, over the seeds that could have been fixed.
    """

    text: str
    library: str
    number: str
    mistake: str
    false_alarm: float = 1e-3


def difference(ours: Any, theirs: Any) -> float:
    """Return the p-value of "both samples have the same law", of the column in which they differ most.

    A column of 0 and 1 is compared by Fisher's exact test; any other by the tests of Kolmogorov & Smirnov (shape) and
    of Mann, Whitney & Wilcoxon (position; ties corrected), twice the smaller p-value. Both are valid whatever the law;
    with ties the first is on the safe side.
    """
    a, b = _columns(ours), _columns(theirs)
    assert a.shape[1] == b.shape[1], f"{a.shape[1]} columns beside {b.shape[1]}"
    smallest = min(_of_a_column(a[:, k], b[:, k]) for k in range(a.shape[1]))
    return min(1.0, a.shape[1] * smallest)


def _columns(sample: Any) -> NDArray[np.float64]:
    found = np.asarray(sample, dtype=np.float64)
    found = found[:, None] if found.ndim == 1 else found
    assert found.ndim == 2 and found.shape[0] >= 20, f"a sample of shape {found.shape}: give (R,) or (R, k), R >= 20"
    assert not np.isnan(found).any(), "NaN in a sample"
    return found


def _of_a_column(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    from scipy import stats

    both = np.concatenate([a, b])
    if both.min() == both.max():
        return 1.0
    if np.isin(both, (0, 1)).all():
        yes, of = (int(a.sum()), int(b.sum())), (a.size, b.size)
        return float(stats.fisher_exact([[yes[0], of[0] - yes[0]], [yes[1], of[1] - yes[1]]]).pvalue)
    shape = stats.ks_2samp(a, b, method="asymp").pvalue
    position = stats.mannwhitneyu(a, b, method="asymptotic").pvalue
    return min(1.0, 2 * float(min(shape, position)))


class PeerCard:
    """Compares with other libraries and keeps a line of each comparison for the end of the session."""

    def __init__(self, record: Callable[[str, object], None]) -> None:
        self._record = record

    def agree(self, peer: Peer, ours: Any, theirs: Any, control: Any) -> None:
        """Demand that our replicates cannot be told from theirs, and that the control's can.

        Parameters
        ----------
        peer : Peer
        ours, theirs, control : (R,) or (R, k) numbers
            Replicates of the package, of the other library, and of the package with the mistake (or, where that is
            easier, of the other library with it, which is then compared with ours by calling this the other way round).
        """
        assert peer.false_alarm <= 0.01, f"{peer.text}: correct programs would be told apart ({peer.false_alarm:.2g})"
        right, wrong = difference(ours, theirs), difference(control, theirs)
        sizes = f"{_columns(ours).shape[0]} beside {_columns(theirs).shape[0]} replicates"
        means = tuple(float(_finite_mean(sample)) for sample in (theirs, ours, control))
        entry = Entry(
            kind="peer", text=f"{peer.text} ({sizes})", number=f"{peer.number}, mean", expected=means[0],
            measured=means[1], allowed=f"p = {right:.2g} > {peer.false_alarm:g}", mistake=peer.mistake,
            control=means[2], false_alarm=peer.false_alarm, miss=None, library=peer.library,
            control_rejected=f"p = {wrong:.1g}",
        )  # fmt: skip
        self._record(CARD_PROPERTY, entry.as_dict())
        assert right > peer.false_alarm, (
            f"{peer.text}: {peer.library} differs in {peer.number}: mean {means[1]:.5g} here, {means[0]:.5g} there, "
            f"p = {right:.2g}"
        )
        assert wrong <= peer.false_alarm, (
            f"{peer.text}: the comparison with {peer.library} does not notice {peer.mistake} (p = {wrong:.2g})"
        )


def _finite_mean(sample: Any) -> float:
    found = _columns(sample)
    finite = found[np.isfinite(found)]
    return float(finite.mean()) if finite.size else float("inf")


@pytest.fixture
def peer_card(record_property: Callable[[str, object], None]) -> PeerCard:
    return PeerCard(record_property)
