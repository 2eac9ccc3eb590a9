"""Checks that this machine and this account have what nrti needs; each finding says what to do."""
