"""The views: each renders a session and writes nothing."""
