"""Memes that compete for attention, in plain Python: screens as lists, the same keyed draws."""

from collections.abc import Sequence
from typing import NamedTuple

from diffusion.randomness import draw_key, start_key
from diffusion.units import NEVER
from diffusion.vocabulary import Purpose
from reference.classic_branching import unit


class Post(NamedTuple):
    step: int
    author: int
    meme: int
    source: int


def run_attention(
    follows: Sequence[Sequence[int]],
    seed: int,
    replicate: int,
    chances: tuple[float, float, float],
    times: tuple[int, int],
) -> list[Post]:
    """Posts in the order of time; `follows` lists whom each person follows, `times` are steps in all and on screens."""
    new, read, memory = chances
    steps, window = times
    key = start_key(seed, replicate, Purpose.CONTAGION)
    own: list[list[Post]] = [[] for _ in follows]
    for step in range(steps):
        here = draw_key(key, step)
        person = (draw_key(here, 0) >> 32) * len(follows) >> 32
        if unit(draw_key(here, 1)) < new:
            own[person].append(Post(step, person, step, NEVER))
            continue
        recent = [[post for post in reversed(posts) if post.step >= step - window] for posts in own]
        screen = [post for friend in follows[person] for post in recent[friend]]
        for j, post in enumerate(screen):
            if unit(draw_key(here, 4 * j + 3)) >= read:
                continue
            meme, source, mine = post.meme, post.author, recent[person]
            if unit(draw_key(here, 4 * j + 4)) < memory and mine:
                meme, source = mine[(draw_key(here, 4 * j + 5) >> 32) * len(mine) >> 32].meme, person
            own[person].append(Post(step, person, meme, source))
    return sorted((post for posts in own for post in posts), key=lambda post: post.step)
