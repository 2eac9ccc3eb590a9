"""The formats of files: detected, decoded, and read in blocks of rows."""
