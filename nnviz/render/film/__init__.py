"""Films: shots painted as frames, and written as video, animation or pictures."""
