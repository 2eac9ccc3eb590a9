"""Training jobs: AWS's script mode, in a subprocess per job."""
