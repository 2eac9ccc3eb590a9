"""The options that several commands have, or that are many enough to stand apart."""
