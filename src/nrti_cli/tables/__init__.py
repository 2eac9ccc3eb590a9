"""Reads tables of numbers from files, in one way for training and for sending."""
