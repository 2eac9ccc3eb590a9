"""Lambda: functions in warm worker processes."""
