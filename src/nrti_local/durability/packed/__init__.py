"""What grows with every event, as memory holds it: packed, and unpacked when somebody asks."""
