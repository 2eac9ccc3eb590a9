"""How a program reaches the API: its addresses, its key, and code that sends an event."""
