"""The network canvas as data: layout, marks, hit-testing, unfolding, rings and breakpoint dots."""
