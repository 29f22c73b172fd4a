"""The views: each renders a session and never changes it."""
