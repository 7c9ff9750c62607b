"""The engine: one loop over exposures, shares and publications, compiled."""
