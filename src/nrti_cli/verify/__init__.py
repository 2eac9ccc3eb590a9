"""Compares the accepted events with those that are stored, dead-lettered and in the lake."""
