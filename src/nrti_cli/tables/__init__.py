"""Reads tables of numbers from files, in the same way for training and for sending."""
