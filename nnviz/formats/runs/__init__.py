"""Files of training runs and sweeps."""
