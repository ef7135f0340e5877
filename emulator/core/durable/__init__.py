"""Worlds on disk: a TinyDB file per world as the checkpoint, and a log of what was answered since.

The checkpoint of generation g (`NAME.json`) is the exact state in which log g (`NAME.g.log`) begins. A switch begins
log g + 1 and then writes checkpoint g + 1 beside the traffic, so that whatever is on disk at a moment can be read:
the checkpoint, and one after the other the logs from its generation on. A world without a checkpoint begins as the
start.
"""
