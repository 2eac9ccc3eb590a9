"""Whether this machine and this account have what nrti needs, and what to do if not."""
