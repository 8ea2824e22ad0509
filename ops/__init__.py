"""The local stack and the `ocop` command."""
