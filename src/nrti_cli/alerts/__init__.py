"""Alerts: the rules, where their messages go, and their state."""
