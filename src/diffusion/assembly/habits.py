"""What is drawn of every person, or said by the file of persons: readiness, belief, attention, audiences."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diffusion.assembly._traits import key_of, person_uniforms, person_values, sealed
from diffusion.assembly.people import Population, Where, chances, logits
from diffusion.engine import arrays
from diffusion.errors import InputError
from diffusion.graphs import FollowerGraph
from diffusion.laws import Law, standard_normal
from diffusion.units import HOUR
from diffusion.vocabulary import Purpose
from diffusion.world import LinkPlatform, Outlet, SocialPlatform


@dataclass(frozen=True)
class Audience:
    """Regular members of an outlet's audience.

    Attributes
    ----------
    persons : (k,) uint32
        Indices, ascending.
    phase : (k,) float64
        Where each one's viewing blocks begin, in blocks.
    regularity : (k,) float64, optional
        Factor on each one's chance of being tuned in, or rate of visits; None where nobody's differs.
    """

    persons: NDArray[np.uint32]
    phase: NDArray[np.float64]
    regularity: NDArray[np.float64] | None = None


def propensity(sd: float, people: Population, where: Where) -> NDArray[np.float64]:
    """Return everybody's readiness to share e_i, (n,): the file's, else log-normal with mean 1."""
    law = Law("lognormal", (math.exp(-sd * sd / 2), sd))
    drawn = person_values(law, key_of(Purpose.PROPENSITY, *where[:2]), where[2])
    values: NDArray[np.float64] = sealed(people.known("propensity", drawn))
    return values


def prior(mean: float, sd: float, people: Population, where: Where) -> NDArray[np.float32]:
    """Return everybody's prior evidence L0_i, (n,): the logit of the file's credulity, else drawn."""
    z = person_values(standard_normal(), key_of(Purpose.CREDULITY, *where[:2]), where[2])
    logit = mean + sd * z
    said = people.values("credulity")
    if said is not None:
        logit = np.where(np.isnan(said), logit, logits(said))
    values: NDArray[np.float32] = sealed(np.clip(logit, -4.0, 4.0).astype(np.float32))
    return values


def attention(
    name: str,
    p: SocialPlatform,
    layer: tuple[FollowerGraph | None, NDArray[np.bool_]],
    people: Population,
    where: Where,
) -> tuple[NDArray[np.float32], float]:
    """Return sessions per hour and feed reach in sessions, (n, 2), and the members' median visibility in seconds."""
    seed, place, n = where
    graph, members = layer
    hourly = person_values(p.sessions, key_of(Purpose.ACTIVITY, seed, place, name), n) * HOUR
    activity = people.values("activity")
    if activity is not None:
        hourly = hourly * np.where(np.isnan(activity), 1.0, activity)
    rates = hourly.astype(np.float32)
    if not rates.min() > 0:
        raise InputError(f"platforms.{name}.sessions: every person needs a rate above 0")
    crowding: NDArray[np.float64] | float = 1.0
    if graph is not None and isinstance(p, LinkPlatform):
        followed = graph.n_followed.astype(np.float64)
        k = np.maximum(followed + p.followed_elsewhere, 1.0)
        crowding = (float(np.median(k[followed >= 1])) if np.any(followed >= 1) else 1.0) / k
    factor = person_values(Law("lognormal", (1.0, p.visibility_sd)), key_of(Purpose.VISIBILITY, seed, place, name), n)
    hours = p.visibility / HOUR * crowding * factor
    found = np.empty((n, 2), dtype=np.float32)
    found[:, 0] = rates
    found[:, 1] = rates.astype(np.float64) * hours
    median = float(np.median(hours[members])) * HOUR if members.any() else float("nan")
    return sealed(found), median


def audience(name: str, outlet: Outlet, people: Population, where: Where) -> Audience:
    """Return the regular members of an outlet's audience."""
    seed, place, n = where
    chance = chances(outlet.audience_shares, people, f"diet:{name}")
    persons = np.flatnonzero(person_uniforms(key_of(Purpose.AUDIENCE, seed, place, name), n) < chance)
    if outlet.block >= 86400:
        phase = np.zeros(persons.size)
    else:
        phase = person_uniforms(key_of(Purpose.PHASE, seed, place, name), n)[persons]
    diet = people.values(f"diet:{name}")
    regularity = None if diet is None else sealed(np.where(np.isnan(diet), 1.0, diet)[persons])
    return Audience(sealed(persons.astype(np.uint32)), sealed(phase), regularity)


def followers_of_account(
    owner: str, platform: str, share: float, members: NDArray[np.bool_], where: Where
) -> NDArray[np.uint32]:
    """Return the members of a platform who follow an account there, (k,) ascending."""
    seed, place, n = where
    chosen = person_uniforms(key_of(Purpose.ACCOUNT, seed, place, owner, platform), n) < share
    found: NDArray[np.uint32] = sealed(np.flatnonzero(chosen & members).astype(np.uint32))
    return found


def evidence_weights(rules: arrays.World, channels: int) -> NDArray[np.float64]:
    """Return the evidence of a first exposure by channel, (C, 1), or (C, n) where persons trust differently."""
    weights: NDArray[np.float64] = rules.channel_weight[:channels, np.newaxis]
    own = np.flatnonzero(rules.trust_column[:channels] >= 0)
    if own.size:
        weights = np.repeat(weights, rules.frame.n_persons, axis=1)
        weights[own] = rules.personal_weight[:, rules.trust_column[own]].T
    return weights
