"""Diagnosis: dead and saturated neurons, vanishing and exploding gradients, the first NaN or infinity."""
