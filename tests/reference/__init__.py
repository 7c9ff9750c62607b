"""The reference simulator: docs/model.md once more, in plain Python, to be read and to be compared with."""

from reference.run import simulate_reference
from reference.state import ReferenceRun

__all__ = ["ReferenceRun", "simulate_reference"]
