"""The version of the model: what a stored number was computed by."""

from __future__ import annotations

MODEL_VERSION = 1
"""Raised by every change that alters what an existing scenario with an existing seed gives.

Runs are stored under it: a number that an older model computed is never served for a newer one. It is not the version
of the package, which also moves where no number does.
"""
