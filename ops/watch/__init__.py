"""`ocop watch`: what happens now, as it happens."""
