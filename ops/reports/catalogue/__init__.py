"""`ocop report catalogue`: what the public may see of the certified products in force."""
