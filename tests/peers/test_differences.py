"""What other libraries do differently, as docs/classic/peers.md says: each still does."""

import networkx as nx
import numpy as np
import pytest

RUNS = 20_000


@pytest.mark.peers
def test_gillespie_sir_of_eon_fails_on_directed_graphs() -> None:
    import EoN

    graph = nx.DiGraph([(0, 1), (1, 2), (2, 3), (0, 3)])
    assert EoN.fast_SIR(graph, 5.0, 1.0, initial_infecteds=[0])[3][-1] >= 1
    with pytest.raises(KeyError):
        for _ in range(100):
            EoN.Gillespie_SIR(graph, 5.0, 1.0, initial_infecteds=[0])


@pytest.mark.peers
def test_sir_of_pynetim_recovers_before_it_infects() -> None:
    from pynetim import SusceptibleInfectedRecoveredModel
    from pynetim.graph.graph import IMGraph

    link = IMGraph([(0, 1)], [1.0], directed=True, renumber=False)
    for beta, gamma in ((0.5, 0.5), (0.2, 0.1), (0.9, 0.9)):
        model = SusceptibleInfectedRecoveredModel(link, {0}, beta, gamma)
        found = np.mean([model.run_single_simulation(k) for k in range(RUNS)]) - 1
        ends = 1 - (1 - beta) * (1 - gamma)
        infects_first, recovers_first = beta / ends, (1 - gamma) * beta / ends
        # Five standard deviations: a correct statement fails once in a million.
        assert abs(found - recovers_first) < 5 * 0.5 / np.sqrt(RUNS) < abs(found - infects_first)


@pytest.mark.peers
def test_a_model_of_pynetim_adds_up_the_persons_of_its_runs() -> None:
    from pynetim.diffusion_model.independent_cascade_model import IndependentCascadeModel
    from pynetim.graph.graph import IMGraph

    path = IMGraph([(k, k + 1) for k in range(20)], [0.5] * 20, directed=True, renumber=False)
    model = IndependentCascadeModel(path, {0}, record_activated=True)
    sizes, together = [], []
    for k in range(200):
        sizes.append(model.run_single_simulation(k))
        together.append(len(model.get_activated_nodes()))
    assert together == np.maximum.accumulate(sizes).tolist() != sizes


@pytest.mark.peers
def test_the_independent_cascade_of_ndlib_has_a_chance_of_one_over_the_senders_followers() -> None:
    import ndlib.models.epidemics as epidemics
    import ndlib.models.ModelConfig as settings

    star = nx.DiGraph([(0, k) for k in range(1, 11)])
    reached = []
    for _ in range(300):
        model = epidemics.IndependentCascadesModel(star)
        asked = settings.Configuration()
        asked.add_model_initial_configuration("Infected", [0])
        model.set_initial_status(asked)
        reached.append(10 - model.iteration_bunch(3)[-1]["node_count"][0])
    # Receivers follow one account: a chance of one over what they follow would reach all ten.
    assert 0.5 < np.mean(reached) < 1.5
