"""The engine runs threads in virtual time; it knows no mutex and no signal."""
