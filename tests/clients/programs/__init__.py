"""Programs that the environments of the judges run; nothing here knows of nrti."""
