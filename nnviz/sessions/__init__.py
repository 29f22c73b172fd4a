"""Session files: a session with its branches, runs and score as one versioned JSON text, and back, bit for bit."""
