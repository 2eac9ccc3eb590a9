"""The embedded AWS. Processes of its own; other programs know `nrti_local.process` alone."""
