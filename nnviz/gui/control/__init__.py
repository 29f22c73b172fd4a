"""Controllers: they turn gestures into commands and own what happens over time."""
