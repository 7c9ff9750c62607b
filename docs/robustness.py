"""docs/robustness.md: the speed ratio of the media race with its strongest keys halved and doubled."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tables import Effort, claimed_variants, markdown

from diffusion import study
from diffusion.scenario import Experiment, Scenario
from diffusion.study import Ratio, Verdict, paired_ratio
from diffusion.study.claims import judge_speed
from diffusion.study.known import known_story
from diffusion.study.scaling import scaled

STRONGEST = 10
FACTORS = {"halved": 0.5, "doubled": 2.0}


@dataclass(frozen=True)
class Key:
    """A parameter by name, and the dotted keys that are halved or doubled together; shares stop at `most`."""

    name: str
    keys: tuple[str, ...]
    most: float = math.inf


SHARE = 1.0
KEYS = (
    Key("share of people on the network", ("platforms.twitter.members",), SHARE),
    Key("followers per member", ("platforms.twitter.graph.mean_followers",)),
    Key("sessions per day", ("platforms.twitter.sessions",)),
    Key("length of a session", ("platforms.twitter.session_length",)),
    Key("scroll time", ("platforms.twitter.scroll",)),
    Key("visibility of a post", ("platforms.twitter.visibility",)),
    Key("share of close ties", ("platforms.twitter.close",), SHARE),
    Key("share of notified ties", ("platforms.twitter.notified",), SHARE),
    Key("spread of the readiness to share", ("people.propensity_sd",)),
    Key("appeal", ("stories.explosion.appeal",)),
    Key("novelty half-life", ("stories.explosion.half_life",)),
    Key("witnesses", ("stories.explosion.witnesses",)),
    Key("share of witnesses who post", ("stories.explosion.report",), SHARE),
    Key("telling contacts", ("platforms.household.tell", "platforms.others.tell"), SHARE),
    Key("meetings", ("platforms.household.meetings", "platforms.others.meetings")),
    Key("contacts outside the household", ("platforms.others.graph.mean_contacts",)),
    Key("telling window", ("platforms.household.window", "platforms.others.window")),
    Key("audiences of the outlets", ("outlets.*.audience",), SHARE),
    Key("tune-in of television and radio", ("outlets.television.tune_in", "outlets.radio.tune_in"), SHARE),
    Key("visits of the news site", ("outlets.news_site.visits",)),
    Key("pace of breaking coverage", ("outlets.television.breaking_every", "outlets.radio.breaking_every")),
    Key("newsgathering", ("outlets.*.gather",)),
    Key("verification", ("outlets.*.verify",)),
    Key("delay in following the wire", ("outlets.*.follow_delay",)),
    Key("watch threshold", ("outlets.*.watches.twitter.share",), SHARE),
    Key("number of people", ("people.count",)),
)


TEXT = """# Robustness of the media race

How far the answer of `experiments/media_race.toml` hangs on its parameters. The number is {ratio}; as the file stands
it is {standing}. Written by `make docs-results`.

{keys} keys were halved and doubled, one at a time, at {few} replicates; the {strongest} that moved the ratio farthest
were run again at {many}. Shares stop at 1. Intervals: 95 %, luck of the replicates on one world (seed {seed})."""


class Answer(NamedTuple):
    """What came out of one change: the ratio, and the verdict on the claim."""

    ratio: Ratio
    verdict: Verdict


def page(experiment: Experiment, effort: Effort, say: Callable[[str], None]) -> list[str]:
    """Return the lines of robustness.md."""
    claim = experiment.claim
    if claim is None:
        raise SystemExit("robustness.md needs an experiment with a claim")
    base = claimed_variants(experiment)
    few, many = effort.screening, base.scenario.run.replicates
    say(f"robustness: {len(KEYS)} keys at {few} replicates")
    plain = answers(base, None, few)[""]
    screened = {key.name: answers(base, key, few) for key in KEYS}
    strength = {name: max(distance(found, plain) for found in both.values()) for name, both in screened.items()}
    ranked = sorted(KEYS, key=lambda key: -strength[key.name])
    full = {}
    for key in ranked[:STRONGEST]:
        say(f"robustness: {key.name} at {many} replicates")
        full[key.name] = answers(base, key, many)
    whole = answers(base, None, many)[""]
    first, second = claim.of
    standing = f"{number(whole.ratio)} ({whole.verdict.word})"
    text = TEXT.format(
        ratio=f"T50 {first} / {second}",
        standing=standing,
        keys=len(KEYS),
        strongest=STRONGEST,
        few=few,
        many=many,
        seed=base.scenario.run.seed,
    )
    screening = f"Ratio as the file stands: {plain.ratio.ratio.value:.2f}."
    return [
        *text.splitlines(),
        "",
        f"## The {STRONGEST} strongest keys, {many} replicates",
        "",
        *strongest_table(ranked[:STRONGEST], full),
        "",
        *summary(full, whole),
        "",
        f"## The screening, {few} replicates",
        "",
        f"{screening} A key's pull is the factor by which the ratio moves, at most.",
        "",
        *screening_table(ranked, screened, strength),
    ]


def summary(full: dict[str, dict[str, Answer]], whole: Answer) -> list[str]:
    """Say in one sentence between which values the ratio lay and what became of the verdict."""
    found = [answer for both in full.values() for answer in both.values()]
    values = [answer.ratio.ratio.value for answer in found if answer.ratio.is_number]
    others = [answer for answer in found if answer.verdict.word != whole.verdict.word]
    lost = len(found) - len(values)
    none = (
        f" In {lost} of them there is no ratio, because half the population is not reached often enough."
        if lost
        else ""
    )
    kept = (
        f"The verdict is the same, {whole.verdict.word}, in all {len(found)} of them."
        if not others
        else f"The verdict differs in {len(others)} of {len(found)}."
    )
    return [f"Over these changes the ratio lies between {min(values):.2f} and {max(values):.2f}. {kept}{none}"]


def strongest_table(ranked: Sequence[Key], full: dict[str, dict[str, Answer]]) -> list[str]:
    rows = []
    for key in ranked:
        cells = [f"{key.name} (`{'`, `'.join(key.keys)}`)"]
        for found in full[key.name].values():
            cells += [number(found.ratio), found.verdict.word]
        rows.append(cells)
    return markdown(["key", "halved", "verdict", "doubled", "verdict"], rows)


def screening_table(
    ranked: Sequence[Key], screened: dict[str, dict[str, Answer]], strength: dict[str, float]
) -> list[str]:
    rows = []
    for key in ranked:
        both = [found.ratio.ratio.value for found in screened[key.name].values()]
        rows.append([key.name, *(f"{value:.2f}" for value in both), f"{math.exp(strength[key.name]):.2f}"])
    return markdown(["key", "halved", "doubled", "pull"], rows)


def number(ratio: Ratio) -> str:
    if ratio.is_number:
        return ratio.ratio.text()
    n, (k, m) = ratio.ratio.n, ratio.never
    return f"no ratio: not reached in {k} of {n} ({ratio.first}) and {m} of {n} ({ratio.second})"


def distance(found: Answer, plain: Answer) -> float:
    """Return how far a change moves the ratio, as a logarithm; a ratio that is lost is the farthest."""
    value = found.ratio.ratio.value
    return abs(math.log(value / plain.ratio.ratio.value)) if 0 < value < math.inf else math.inf


def answers(base: Experiment, key: Key | None, replicates: int) -> dict[str, Answer]:
    """Run the claim's two variants with a key halved and doubled (without a key: as they are), in one go."""
    claim = base.claim
    assert claim is not None
    words = {"": 1.0} if key is None else FACTORS
    variants = {
        f"{word} {name}".strip(): multiplied(scenario, key, factor, replicates)
        for word, factor in words.items()
        for name, scenario in base.variants.items()
    }
    experiment = Experiment(
        name="robustness",
        scenario=base.scenario,
        variants=variants,
        measures=base.measures.model_copy(update={"quantiles": (claim.quantile,), "curve_points": 2, "pairs": ()}),
    )
    results = study.run_experiment(experiment)
    story, found = known_story(base), {}
    for word in words:
        first, second = (results.arm(f"{word} {name}".strip(), story, claim.quantile, name) for name in claim.of)
        seed = base.scenario.run.seed
        found[word] = Answer(paired_ratio(first, second, seed=seed), judge_speed(claim, first, second, seed=seed))
    return found


def multiplied(scenario: Scenario, key: Key | None, factor: float, replicates: int) -> Scenario:
    """Return a scenario whose key is multiplied, with so many replicates."""
    changes: dict[str, Any] = {"run.replicates": replicates}
    if key is not None:
        changes |= scaled(scenario, key.keys, factor, most=key.most)
    return scenario.changed(changes)
