"""Failures that a tester asks for: what they do, which request meets them, and how they spoil its answer."""
