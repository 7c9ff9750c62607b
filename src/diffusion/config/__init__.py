"""Experiments as files: reading TOML, variants, changes from the command line, and the JSON Schema of the format."""

from __future__ import annotations

from diffusion.config.experiment import read_experiment
from diffusion.config.generated import GENERATORS, read_generator
from diffusion.config.schema import schema

__all__ = ["GENERATORS", "read_experiment", "read_generator", "schema"]
