"""Who has which role (docs/model.md §3)."""

from typing import Any

from diffusion.vocabulary import Purpose
from reference.names import Setting


def persons_with(setting: Setting, graphs: dict[str, Any], role: str) -> list[int]:
    """The persons who have a role: by the file's column, else by the rule of that name."""
    roll = setting.roll
    if role not in setting.scenario.roles:
        return [i for i in range(setting.n) if roll.said(i, f"role:{role}") == 1]
    rule = setting.scenario.roles[role]
    chosen = list(range(setting.n))
    if rule.labels is not None:
        chosen = [i for i in chosen if roll.labels[i] in rule.labels]
    if rule.place is not None:
        chosen = [i for i in chosen if roll.said(i, "place") == rule.place]
    if rule.share is not None:
        chosen = [i for i in chosen if setting.draws.chance(Purpose.ROLE, role, i) < rule.share]
    if rule.most_followed is not None:
        follow = [
            graphs[name]["rows"] for name, p in setting.scenario.platforms.items() if p.kind in ("follow", "friend")
        ]
        chosen = sorted(chosen, key=lambda i: (-sum(len(rows[i]) for rows in follow), i))[: rule.most_followed]
    return sorted(chosen)
