"""Looks at every alert in a real browser."""
