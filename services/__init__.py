"""The three services. None imports another; what they share is in `shared`."""
