"""Training jobs: AWS's script mode, with a subprocess per job."""
