"""The values of a session: session, run, edit, breakpoint, expression, prediction, trail; all frozen."""
