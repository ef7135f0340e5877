"""Where rows live: `table.py` is the port, the other modules implement it."""
