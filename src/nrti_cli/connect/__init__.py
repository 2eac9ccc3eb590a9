"""What a program needs to call the API: addresses, API key, and sample code."""
