"""Epidemics beside EoN (continuous time) and NDlib (steps), on graphs where chance decides much.

NDlib's update order is ours: from the states at the beginning of a step, infection first, then recovery, one draw each.
"""

from __future__ import annotations

from typing import Any

import EoN
import ndlib.models.epidemics as ndlib_models
import networkx as nx
import numpy as np
import pytest
from ndlib.models.ModelConfig import Configuration
from numpy.typing import NDArray

from diffusion.classic import Spread, seir, sir, sis
from diffusion.graphs import from_graph
from peers.harness import Peer, PeerCard

PERSONS, RUNS = 300, 400
GRAPH = nx.gnp_random_graph(PERSONS, 6 / PERSONS, seed=3, directed=True)
FOLLOWERS = from_graph(GRAPH, meaning="followed,follower")
FRIENDS = nx.barabasi_albert_graph(PERSONS, 3, seed=4)
FRIENDSHIP = from_graph(FRIENDS, meaning="mutual")


def sizes_and_halves(found: Spread) -> NDArray[np.float64]:
    """Numbers ever infected, the end, and the time at which half of them were: (R, 3)."""
    half = [np.sort(row)[(np.isfinite(row).sum() - 1) // 2] for row in found.column("times")]
    return np.column_stack([found.reached, found.lasted, half])


@pytest.mark.peers
def test_sir_is_that_of_eon(peer_card: PeerCard) -> None:
    rng = np.random.default_rng(1)
    theirs = np.empty((RUNS, 3))
    for k in range(RUNS):
        times, susceptible, _, _ = EoN.fast_SIR(GRAPH, 0.25, 1.0, initial_infecteds=[0, 1, 2, 3, 4], rng=rng)
        ever = PERSONS - susceptible
        theirs[k] = ever[-1], times[-1], times[np.searchsorted(ever, (ever[-1] - 1) // 2 + 1)]
    asked: dict[str, Any] = {"seeds": [0, 1, 2, 3, 4], "replicates": 10 * RUNS, "threads": 1, "record": "times"}
    ours = sir(FOLLOWERS, transmission=0.25, recovery=1.0, **asked)
    control = sir(FOLLOWERS, transmission=0.25, recovery="constant 1", **asked)
    peer = Peer("SIR with rates", "EoN.fast_SIR", "ever infected, end, time of the half", "periods all of length 1")
    peer_card.agree(peer, sizes_and_halves(ours), theirs, sizes_and_halves(control))


@pytest.mark.peers
def test_sir_of_any_law_is_that_of_eon(peer_card: PeerCard) -> None:
    rng = np.random.default_rng(2)
    theirs = np.empty((RUNS, 3))
    for k in range(RUNS):
        times, susceptible, _, _ = EoN.fast_nonMarkov_SIR(
            GRAPH, trans_time_fxn=lambda *_: rng.gamma(3, 2 / 3), rec_time_fxn=lambda *_: 1.5 * rng.weibull(2.0),
            initial_infecteds=[0, 1, 2, 3, 4],
        )  # fmt: skip
        ever = PERSONS - susceptible
        theirs[k] = ever[-1], times[-1], times[np.searchsorted(ever, (ever[-1] - 1) // 2 + 1)]
    asked: dict[str, Any] = {"seeds": [0, 1, 2, 3, 4], "replicates": 10 * RUNS, "threads": 1, "record": "times"}
    ours = sir(FOLLOWERS, transmission="gamma 2 3", recovery="weibull 1.5 2", **asked)
    control = sir(FOLLOWERS, transmission="exponential 2", recovery="weibull 1.5 2", **asked)
    peer = Peer(
        "SIR with gamma contacts and Weibull periods", "EoN.fast_nonMarkov_SIR",
        "ever infected, end, time of the half", "exponential contacts of the same mean",
    )  # fmt: skip
    peer_card.agree(peer, sizes_and_halves(ours), theirs, sizes_and_halves(control))


@pytest.mark.peers
def test_sis_is_that_of_eon(peer_card: PeerCard) -> None:
    rng = np.random.default_rng(3)
    theirs = np.empty((RUNS, 2))
    for k in range(RUNS):
        times, _, infectious = EoN.fast_SIS(FRIENDS, 0.2, 1.0, initial_infecteds=[0, 1], tmax=4, rng=rng)
        theirs[k] = infectious[-1], infectious[np.searchsorted(times, 2.0, side="right") - 1]
    asked: dict[str, Any] = {"seeds": [0, 1], "horizon": 4, "replicates": 10 * RUNS, "threads": 1, "record": "curves"}

    def at_two_times(found: Spread) -> NDArray[np.float64]:
        return np.column_stack([found.counts[:, 1], found.column("curves")[:, 1, 100]])

    ours = sis(FRIENDSHIP, transmission=0.2, recovery=1.0, **asked)
    control = sis(FRIENDSHIP, transmission=0.2, recovery="constant 1", **asked)
    peer = Peer("SIS with rates", "EoN.fast_SIS", "infectious at 4 and at 2", "periods all of length 1")
    peer_card.agree(peer, at_two_times(ours), theirs, at_two_times(control))


STEPS = {
    "SIR": (sir, {"transmission": 0.1, "recovery": 0.3}, {"beta": 0.1, "gamma": 0.3}),
    "SIS": (sis, {"transmission": 0.1, "recovery": 0.3}, {"beta": 0.1, "lambda": 0.3}),
    "SEIR": (seir, {"transmission": 0.1, "latency": 0.4, "recovery": 0.3}, {"beta": 0.1, "alpha": 0.4, "gamma": 0.3}),
}


@pytest.mark.peers
@pytest.mark.parametrize("name", STEPS)
def test_steps_are_those_of_ndlib(name: str, peer_card: PeerCard) -> None:
    """Susceptible and infectious persons after 4 and after 8 steps; the control has recovery before infection.

    That is a step with the chance transmission * (1 - recovery), nearly: whoever recovers no longer passes it on.
    """
    model, ours_asked, theirs_asked = STEPS[name]

    theirs = np.empty((RUNS, 4))
    for k in range(RUNS):
        peer_model = getattr(ndlib_models, f"{name}Model")(GRAPH, seed=k + 1)
        config = Configuration()
        for key, value in theirs_asked.items():
            config.add_model_parameter(key, value)
        config.add_model_initial_configuration("Infected", [0, 1, 2, 3, 4])
        peer_model.set_initial_status(config)
        counts = [step["node_count"] for step in peer_model.iteration_bunch(9, node_status=False)]
        theirs[k] = counts[4][0], counts[4][1], counts[8][0], counts[8][1]

    def four(transmission: float) -> NDArray[np.float64]:
        found = model(
            FOLLOWERS, **{**ours_asked, "transmission": transmission}, time="steps", horizon=8, seeds=[0, 1, 2, 3, 4],
            replicates=10 * RUNS, threads=1, record="curves",
        )  # fmt: skip
        curves = found.column("curves")
        infectious = found.states.index("infectious")
        return np.column_stack([curves[:, state, step] for step in (4, 8) for state in (0, infectious)])

    peer = Peer(f"{name} in steps", f"ndlib.{name}Model", "states after 4 and 8 steps", "recovery before infection")
    peer_card.agree(peer, four(0.1), theirs, four(0.07))
