"""Verbs of the command `emulator` that have a module of their own."""
