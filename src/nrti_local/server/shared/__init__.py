"""What the services of the embedded AWS share: AWS's API models, errors, the caller, calls of ministack."""
