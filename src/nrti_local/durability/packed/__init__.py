"""The containers of everything that grows with each event: they keep it packed, and unpack it for readers."""
