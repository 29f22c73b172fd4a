"""The debugger: where the learner is in a pass, and the commands that move there; no Qt."""
