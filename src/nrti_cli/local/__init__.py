"""The embedded AWS. Processes of its own, reached only over HTTP; the CLI knows `local.process` alone."""
