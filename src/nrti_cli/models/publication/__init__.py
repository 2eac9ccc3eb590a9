"""Publication: an artifact goes into service, is tested there, and is brought back or replaced."""
