"""Makes the shipped models. Needs nothing beyond what serving needs."""
