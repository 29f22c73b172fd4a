"""Settings of all tests: hypothesis without deadlines, with as many examples as the whole suite can afford."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

from nnviz.cli import THREADS

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# The trainer's process takes these from here, and must add up in the same order as this one.
for name in THREADS:
    os.environ.setdefault(name, "1")
settings.register_profile("ci", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci")
