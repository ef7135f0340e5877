"""What is fast, measured against what it could be. Nothing here asserts a time; README.md says how to run it."""
