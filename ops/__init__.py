"""The operator's `ocop` command."""
