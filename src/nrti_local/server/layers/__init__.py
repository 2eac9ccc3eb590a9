"""The layers between the gateway and ministack: what they refuse, check or correct in a request."""
