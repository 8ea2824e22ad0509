"""The tokens on certificates: checked, drawn, and the keys by which everybody checks them."""
