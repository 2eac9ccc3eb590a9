"""All calls of AWS: the target, which makes clients, and a small client for each service.

A service with several modules has a folder.
"""
