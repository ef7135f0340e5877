"""Descriptions of a world's state: files that are read and written, and people who are made up."""
