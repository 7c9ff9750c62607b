"""A scenario: one world, its media and its stories, on one clock; and an experiment: a scenario with variants."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any

from pydantic import Field, computed_field, model_validator

from diffusion.design import Sensitivity, Sweep, Until
from diffusion.errors import InputError, suggestion
from diffusion.notebook import html_table
from diffusion.question import Claim, Known, Measures
from diffusion.units import duration_text
from diffusion.world import (
    ContactPlatform,
    GroupPlatform,
    LinkPlatform,
    Official,
    Outlet,
    People,
    Platform,
    Role,
    SocialPlatform,
    Story,
    check_size,
    is_file,
)
from diffusion.world.changes import apply_changes, check_key
from diffusion.world.messages import value_text
from diffusion.world.parts import Parts, written
from diffusion.world.run import RecordName, RunSettings
from diffusion.world.types import Frozen


class Scenario(Frozen):
    """One world and what happens in it: the subject of `simulate`.

    Attributes
    ----------
    run : RunSettings
    people : People
    roles, platforms, outlets, officials, stories : dict by name
    """

    run: RunSettings = RunSettings()
    people: People = People()
    roles: dict[str, Role] = {}
    platforms: dict[str, Platform] = {}
    outlets: dict[str, Outlet] = {}
    officials: dict[str, Official] = {}
    stories: dict[str, Story]

    @model_validator(mode="after")
    def _hangs_together(self) -> Scenario:
        if not self.stories:
            raise InputError("stories: a scenario needs at least one story")
        self._check_names()
        self._check_population()
        self._check_homes()
        for name, platform in self.platforms.items():
            self._check_groups(name, platform)
        for name, outlet in self.outlets.items():
            self._check_outlet(name, outlet)
        for name, official in self.officials.items():
            self._check_platform(f'officials.{name}.platform = "{official.platform}"', official.platform, _OF_LINKS)
        for name, story in self.stories.items():
            self.check_story(name, story)
        return self

    def _check_names(self) -> None:
        channels = [*self.platforms, *self.outlets, *self.officials]
        for section in ("roles", "platforms", "outlets", "officials", "stories"):
            for name in getattr(self, section):
                check_name(section, name)
        twice = {name for name in channels if channels.count(name) > 1}
        if twice:
            raise InputError(
                f'"{min(twice)}" names two channels; every platform, outlet and official needs its own name'
            )
        if len(channels) + 1 > 24:
            raise InputError(f"{len(channels)} platforms, outlets and officials: at most 23 channels are supported")
        if len(self.platforms) > 8:
            raise InputError(f"{len(self.platforms)} platforms: at most 8 are supported")

    def _check_population(self) -> None:
        if self.people.count is not None or self.people.file is not None:
            return
        if not any(is_file(p.graph) for p in self.platforms.values()):
            raise InputError("people.count is needed where no platform reads a graph file (or people.file)")

    def _check_homes(self) -> None:
        for name in self.people.home:
            self._check_platform(f'people.home: "{name}"', name, _OF_HOMES)
            if self.people.home.count(name) > 1:
                raise InputError(f'people.home: "{name}" stands there twice; name each platform once, best first')

    def _check_platform(self, where: str, name: str, what: str = "platform of posts") -> None:
        known = [n for n, p in self.platforms.items() if _PLATFORMS[what](p)]
        if name not in known:
            raise InputError(f"{where}: there is no such {what}{suggestion(name, known)}")

    def _check_groups(self, name: str, platform: Platform) -> None:
        if isinstance(platform, GroupPlatform):
            for key in ("carrier", "along"):
                other = getattr(platform, key)
                if other is not None:
                    self._check_platform(f'platforms.{name}.{key} = "{other}"', other, _OF_LINKS)

    def _check_outlet(self, name: str, outlet: Outlet) -> None:
        for platform in outlet.watches:
            self._check_platform(f'outlets.{name}.watches: "{platform}"', platform)
        for platform in outlet.accounts:
            self._check_platform(f'outlets.{name}.accounts: "{platform}"', platform, _OF_LINKS)
        for other in outlet.follows:
            others = set(self.outlets) - {name}
            if other not in others:
                raise InputError(f'outlets.{name}.follows: "{other}" is not another outlet{suggestion(other, others)}')

    def check_story(self, name: str, story: Story) -> None:
        """Raise an `InputError` if a story does not fit this scenario's media and accounts."""
        where = f"stories.{name}"
        if story.at >= self.run.horizon:
            begins, ends = duration_text(story.at), duration_text(self.run.horizon)
            raise InputError(f'{where}.at = "{begins}": the story begins after the horizon ({ends})')
        if story.official is not None and story.official not in self.officials:
            near = suggestion(story.official, self.officials)
            raise InputError(f'{where}.official: there is no account "{story.official}"{near}')
        posts = [p for p in self.platforms.values() if isinstance(p, SocialPlatform) and p.active]
        for key in ("authors_from", "witnesses_from"):
            role = getattr(story, key)
            if role is not None and role not in self.roles and self.people.file is None:
                raise InputError(f'{where}.{key}: there is no role "{role}"{suggestion(role, self.roles)}')
        if story.has_authors and not posts:
            raise InputError(f"{where}: its authors have no active platform to post on")
        for platform in story.rank:
            self._check_platform(f'{where}.rank: "{platform}"', platform)
        for platform in story.tags:
            self._check_platform(f'{where}.tags: "{platform}"', platform, _OF_TAGS)
        official = self.officials.get(story.official or "")
        heard = story.has_witnesses or story.has_authors or (official and self.platforms[official.platform].active)
        active = [o for o in self.outlets.values() if o.active]
        gathered = story.kind == "news" and any(o.gather is not None for o in active)
        if not heard and not (gathered and any(o.has_audience or o.accounts or self.people.file for o in active)):
            raise InputError(
                f"{where}: nobody can see this story: give it witnesses or authors, an active official, "
                "or (news only) an active outlet that gathers and one with an audience"
            )

    def check_sizes(self) -> None:
        """Raise an `InputError` if `people.count` is too small for a generated graph."""
        reads_files = any(is_file(p.graph) for p in self.platforms.values())
        if self.people.count is None or self.people.file is not None or reads_files:
            return
        for name, platform in sorted(self.platforms.items()):
            check_size(name, platform.graph, self.people.count)

    def changed(self, changes: dict[str, Any]) -> Scenario:
        """Return the scenario that differs in a few keys, written as ``{"platforms.twitter.active": False}``.

        An outlet whose `medium` changes takes that medium's preset for every key that was not written.

        Raises
        ------
        InputError
            For a key that the scenario does not have, or a value that does not fit.
        """
        if not isinstance(changes, dict) or not all(isinstance(key, str) for key in changes):
            raise InputError('changes: give a table with dotted keys, such as {"people.count": 1000}')
        return Scenario.model_validate(apply_changes(written(self), changes))

    def _repr_html_(self) -> str:
        """Return a small table for notebooks: who, through what, and which stories."""
        run = self.run
        rows = [("people", "those in the graph files" if self.people.count is None else f"{self.people.count:,}")]
        for section, word in (
            ("platforms", "kind"),
            ("outlets", "medium"),
            ("officials", "platform"),
            ("stories", "kind"),
        ):
            named = [f"{name} ({getattr(thing, word)})" for name, thing in getattr(self, section).items()]
            rows += [(section, ", ".join(named))] if named else []
        rows.append(
            ("run", f"{duration_text(run.horizon)} from {run.start:%Y-%m-%d %H:%M}, {run.replicates} replicates")
        )
        rows.append(("seed", f"{run.seed}, redraw = {run.redraw}, record = {run.record}"))
        return html_table("Scenario", rows)


_OF_LINKS, _OF_TAGS = "platform of followers or friends", "platform of open groups"
_OF_HOMES = "platform of posts without a carrier"
_PLATFORMS: dict[str, Callable[[Platform], bool]] = {
    "platform of posts": lambda p: isinstance(p, SocialPlatform),
    _OF_LINKS: lambda p: isinstance(p, LinkPlatform),
    _OF_HOMES: lambda p: isinstance(p, SocialPlatform) and getattr(p, "carrier", None) is None,
    _OF_TAGS: lambda p: isinstance(p, GroupPlatform) and p.carrier is not None,
}


def check_name(where: str, name: str) -> None:
    """Raise InputError for a name that dotted keys, tables of results and file names cannot carry.

    Parameters
    ----------
    where : str
        The section in which it is a name, for the message.
    name : str
    """
    if not name or name != name.strip() or any(sign in '.*/\\"' or not sign.isprintable() for sign in name):
        raise InputError(f'{where}: {value_text(name)} is not a name; use letters, digits, "_", "-" and spaces')


class Experiment(Frozen):
    """A named question: a base scenario, variants that differ in a few keys, measures and a claim.

    Attributes
    ----------
    name, title : str
        The name is also that of the results' folder.
    scenario : Scenario
        The base.
    variants : dict of Scenario by name
        What is run, in this order.
    changes : dict by variant of {dotted key: value}
        How each variant differs from the base.
    measures : Measures
    claim : Claim, optional
    known : tuple of Known
        Numbers from outside against which variants are held.
    sweep : Sweep, optional
        The points at which all of it is run.
    until : Until, optional
        When there are replicates enough.
    sensitivity : Sensitivity, optional
        Which keys vary, and which measure is asked how much it hangs on each; a run does not look at it.
    notes : tuple of str
        What was assumed while reading; printed before the run.
    """

    name: str
    title: str = ""
    scenario: Scenario
    variants: Annotated[dict[str, Scenario], Field(min_length=1)]
    changes: dict[str, dict[str, Any]] = {}
    measures: Measures = Measures()
    claim: Claim | None = None
    known: tuple[Known, ...] = ()
    sweep: Sweep | None = None
    until: Until | None = None
    sensitivity: Sensitivity | None = None
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Say in one line what is run."""
        variants, run = ", ".join(self.variants), self.scenario.run
        points = f"{self.sweep.n_points} points; " if self.sweep else ""
        return f"<Experiment {self.name}: {points}variants {variants}; {run.replicates} replicates, seed {run.seed}>"

    __str__ = __repr__

    @computed_field  # type: ignore[prop-decorator]
    @property
    def written(self) -> dict[str, Any]:
        """The base as it was written, without defaults: stored with the experiment, so that `at` finds the same."""
        return written(self.scenario)

    @model_validator(mode="before")
    @classmethod
    def _as_written(cls, table: Any) -> Any:
        """Make a stored base from what was written, where it still stands for the same scenario.

        A key that was not written takes its default from others: a medium's preset, for one.
        """
        if not isinstance(table, dict) or "written" not in table:
            return table
        stored = {key: value for key, value in table.items() if key != "written"}
        try:
            base = Scenario.model_validate(table["written"])
            same = base == Scenario.model_validate(stored["scenario"])
        except (InputError, KeyError):
            return stored
        return stored | {"scenario": base} if same else stored

    @model_validator(mode="after")
    def _names_exist(self) -> Experiment:
        check_name("name", self.name)
        for name in self.variants:
            check_name("variants", name)
        for first, second in self.measures.pairs:
            self._check_known("measures.pairs", (first, second), self.variants, "variant")
        if self.measures.story is not None:
            self._check_known("measures.story", (self.measures.story,), self.scenario.stories, "story")
        for number, point in enumerate(self.known):
            self._check_known(f"known[{number}].variant", (point.variant,), self.variants, "variant")
        if self.claim is not None:
            among = self.scenario.stories if self.claim.measure == "story_speed_ratio" else self.variants
            self._check_known(
                "claim.of", self.claim.of, among, "story" if among is self.scenario.stories else "variant"
            )
            if self.claim.variant is not None:
                self._check_known("claim.variant", (self.claim.variant,), self.variants, "variant")
            if self.claim.story is not None:
                self._check_known("claim.story", (self.claim.story,), self.scenario.stories, "story")
        if self.until is not None and self.until.of is not None:
            self._check_known("until.of", self.until.of, self.variants, "variant")
        if self.sensitivity is not None:
            named = (*(self.sensitivity.ratio or ()), *([self.sensitivity.variant] if self.sensitivity.variant else []))
            self._check_known("sensitivity", named, self.variants, "variant")
        return self

    def at(self, values: Mapping[str, Any], *, parts: Parts | None = None) -> Experiment:
        """Return the experiment at a point of a sweep: the base changed, and each variant's own changes made on top.

        A variant of which only the scenario is known (no entry in `changes`) is changed itself.

        Parameters
        ----------
        values : mapping
            Dotted key -> value, as in ``{"platforms.twitter.members": 0.4}``; ``*`` stands for every name.
        parts : Parts, optional
            Shared by calls for many points, which makes them quicker and changes nothing else.

        Returns
        -------
        Experiment
            Without the sweep.

        Raises
        ------
        InputError
            For a key that the scenario does not have, or a value that does not fit.
        """
        kept = Parts() if parts is None else parts
        tree = _moved(kept.written(self.scenario), values)
        base = _made(tree, kept, "")
        variants = {}
        for name, scenario in self.variants.items():
            if name in self.changes:
                own = apply_changes(tree, self.changes[name])
            else:
                own = _moved(kept.written(scenario), values)
            variants[name] = base if own is tree else _made(own, kept, f"variants.{name}: ")
        return self.model_copy(update={"scenario": base, "variants": variants, "sweep": None})

    def _check_known(self, where: str, names: tuple[str, ...], known: Iterable[str], what: str) -> None:
        for name in names:
            if name not in known:
                raise InputError(f'{where}: there is no {what} "{name}"{suggestion(name, known)}')


def _moved(tree: dict[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a scenario's table with other values at some keys."""
    for key in values:
        check_key(tree, key, Scenario.model_fields)
    return apply_changes(tree, dict(values))


def _made(tree: dict[str, Any], parts: Parts, where: str) -> Scenario:
    try:
        scenario = Scenario.model_validate(parts.filled(Scenario, tree))
        scenario.check_sizes()
    except InputError as error:
        raise InputError(f"{where}{error}") from None
    return scenario


__all__ = [
    "Claim",
    "ContactPlatform",
    "Experiment",
    "Known",
    "Measures",
    "RecordName",
    "RunSettings",
    "Scenario",
    "Sensitivity",
    "Sweep",
    "Until",
    "apply_changes",
    "check_name",
]
