"""Sensitivity: how much of what comes out hangs on which key."""
