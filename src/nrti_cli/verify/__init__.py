"""Holds against each other what was accepted, stored, dead-lettered, and what the lake shows."""
