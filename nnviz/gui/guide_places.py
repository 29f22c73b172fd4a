"""Where the guide describes each panel: the page and the heading that its "?" button opens."""

from __future__ import annotations

PANEL_PLACES: dict[str, str] = {
    "step": "stepping#the-step-panel",
    "numpy": "stepping#the-numpy-panel",
    "values": "stepping#the-values-panel",
    "conventions": "conventions#the-conventions-panel",
    "lesson": "conventions#the-lesson-panel",
    "gradients": "stepping#gradient-check",
    "find": "stepping#find-a-number",
    "health": "stepping#diagnostics",
    "breakpoints": "stepping#breakpoints",
    "loss": "what-if#the-loss-plot",
    "boundary": "what-if#the-decision-boundary",
}
NETWORK_PLACE = "stepping#the-network-and-the-computation-graph"
