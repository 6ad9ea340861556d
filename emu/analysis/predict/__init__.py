"""Prediction: deadlocks that a run did not have, but that it shows to be possible."""
