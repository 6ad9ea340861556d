"""Reads finished histories, never a live machine: the message of a finding and its picture."""
