"""Bundled programs, each with its parameters, its chaos and its expectation."""
