"""Products that are found and listed: `ocop find`, `ocop product list`."""
