"""The page: a pass or a walk as one HTML file with a player, which loads nothing."""
