"""Classical models of diffusion on follower graphs, all called in the same way.

Every model is one function: ``model(graph, ..., seeds=, replicates=, seed=, threads=, record=, progress=)`` returns a
`Spread`. Posts, rumours and infections travel from a person to the followers, along the rows of the graph.

seeds
    Who is active at first: labels of persons, or a text such as ``"random:10"`` (ten persons, others in each
    replicate).
replicates, seed
    Replicate k is a pure function of (model, parameters, graph, seed, k), whatever the number of threads.
threads
    Replicates at the same time; by default one per core.
record
    "sizes" (who ever became active, and how many are in which state at the end), "curves" (persons in each state over
    time), "times" (when each person first became active), "parents" (from whom).
progress
    Called with the numbers of finished and of all replicates.
"""

from diffusion.classic.bass import bass
from diffusion.classic.branching import Branching, branching_cascade
from diffusion.classic.catalogue import MODELS, model
from diffusion.classic.compartment_model import CompartmentModel, Transition
from diffusion.classic.compartments import compartments
from diffusion.classic.complex_contagion import complex_contagion
from diffusion.classic.endemic import sirs, sis
from diffusion.classic.epidemic import seir, si, sir
from diffusion.classic.hawkes import hawkes
from diffusion.classic.hoax import hoax
from diffusion.classic.implicit_cascade import hashed_cascade
from diffusion.classic.independent_cascade import independent_cascade
from diffusion.classic.limited_attention import limited_attention
from diffusion.classic.linear_threshold import linear_threshold
from diffusion.classic.rumour import daley_kendall, maki_thompson
from diffusion.classic.seiz import seiz
from diffusion.classic.simsom import simsom
from diffusion.classic.spread import Spread
from diffusion.classic.threshold import absolute_threshold, fractional_threshold

__all__ = [
    "MODELS",
    "Branching",
    "CompartmentModel",
    "Spread",
    "Transition",
    "absolute_threshold",
    "bass",
    "branching_cascade",
    "compartments",
    "complex_contagion",
    "daley_kendall",
    "fractional_threshold",
    "hashed_cascade",
    "hawkes",
    "hoax",
    "independent_cascade",
    "limited_attention",
    "linear_threshold",
    "maki_thompson",
    "model",
    "seir",
    "seiz",
    "si",
    "simsom",
    "sir",
    "sirs",
    "sis",
]
