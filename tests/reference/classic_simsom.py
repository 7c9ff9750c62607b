"""SimSoM in plain Python: the same keyed draws, one feed after another."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from diffusion.randomness import draw_key, start_key
from diffusion.vocabulary import Purpose
from reference.classic_branching import unit

_STEP2, _ALL = 0xD1B54A32D192ED03, 2**64 - 1


@dataclass
class Entry:
    """A post in a feed."""

    post: int
    appeal: float
    quality: float
    shares: int
    arrived: int


@dataclass
class World:
    """What a run leaves behind."""

    feeds: list[list[Entry]]
    means: list[float] = field(default_factory=lambda: [1.0])
    came: dict[int, tuple[int, int]] = field(default_factory=dict)


def below(key: int, n: int) -> int:
    return (key >> 32) * n >> 32


def bot_rows(n: int, bots: int, gamma: float, key: int) -> list[list[int]]:
    """Followers of each bot: persons by infiltration, and bots by the directed random walk."""
    rows: list[list[int]] = []
    for bot in range(bots):
        own, jump, person, row = draw_key(draw_key(key, 2), bot), 0, -1, []
        while gamma > 0:
            gap = math.log1p(-unit(draw_key(own, jump))) / math.log1p(-gamma) if gamma < 1 else 0.0
            jump += 1
            if gap >= n - 1 - person:
                break
            person += 1 + int(gap)
            row.append(person)
        rows.append(row)
    follows = walk(bots, 3, 0.5, draw_key(key, 3)) if bots > 1 else []
    for bot, whom in enumerate(follows):
        for other in whom:
            rows[other].append(n + bot)
    return [sorted(row) for row in rows]


def walk(n: int, links: int, chance: float, key: int) -> list[list[int]]:
    follows = [[b for b in range(min(n, links)) if b != a] for a in range(min(n, links))]
    for node in range(links, n):
        own = draw_key(key, node)
        target = below(draw_key(own, 0), node)
        found, left = [target], list(follows[target])
        for k in range(1, links):
            dice = draw_key(own, k)
            if unit(draw_key(dice, 0)) < chance and left:
                other = left.pop(below(draw_key(dice, 1), len(left)))
            else:
                other = below(draw_key(dice, 1), node)
            if other not in found:
                found.append(other)
        follows.append(found)
    return follows


def run_simsom(rows: Sequence[Sequence[int]], seed: int, replicate: int, rule: dict[str, float], steps: int) -> World:
    """Run so many steps; `rule` holds mu, alpha, bots, gamma, phi and theta."""
    key = start_key(seed, replicate, Purpose.CONTAGION)
    n, bots, length = len(rows), int(rule["bots"]), int(rule["alpha"])
    everybody = [list(row) for row in rows] + bot_rows(n, bots, rule["gamma"], key)
    world, order = World([[] for _ in everybody]), list(range(n + bots))
    for step in range(1, steps + 1):
        posts = [_post(world.feeds[a], (a, n, step, n + bots), rule, key) for a in range(n + bots)]
        own = draw_key(draw_key(key, step), 1)
        for k in range(n + bots - 1, 0, -1):
            other = below(draw_key(own, k), k + 1)
            order[k], order[other] = order[other], order[k]
        fresh: list[list[Entry]] = [[] for _ in everybody]
        for author in order:
            given = posts[author]
            for account in everybody[author]:
                copies = int(rule["theta"]) if author >= n else 1
                known = [e for e in world.feeds[account] + fresh[account] if e.post == given.post]
                if known:
                    known[0].shares += copies
                elif len(fresh[account]) < length:
                    fresh[account].append(Entry(given.post, given.appeal, given.quality, copies, step))
                    if given.quality == 0 and account < n:
                        world.came.setdefault(account, (step, author if author < n else -1))
        world.feeds = [(new + old)[:length] for new, old in zip(fresh, world.feeds, strict=True)]
        seen = [entry.quality for feed in world.feeds[:n] for entry in feed]
        world.means.append(0.8 * world.means[-1] + 0.2 * sum(seen) / max(len(seen), 1))
    return world


def _post(feed: list[Entry], who: tuple[int, int, int, int], rule: dict[str, float], key: int) -> Entry:
    account, n, step, accounts = who
    own = draw_key((key + _STEP2 * (account + 1)) & _ALL, step)  # draw2(key, step, account)
    if feed and unit(draw_key(own, 0)) >= rule["mu"]:
        weights = [e.appeal * e.shares * math.exp(-0.4 * (step - e.arrived) ** 0.4) for e in feed]
        total = 0.0
        for weight in weights:
            total += weight
        left = unit(draw_key(own, 1)) * total
        for entry, weight in zip(feed, weights, strict=True):
            left -= weight
            if left < 0:
                return entry
        return feed[-1]
    appeal = 1 - (1 - unit(draw_key(own, 2))) ** (1 / 5)
    if account >= n:
        appeal = 1.0 if unit(draw_key(own, 4)) < rule["phi"] else appeal
        return Entry(step * accounts + account, appeal, 0.0, 0, step)
    v = unit(draw_key(own, 3))
    return Entry(step * accounts + account, appeal, math.log(1 - v + v * math.exp(10)) / 10, 0, step)
