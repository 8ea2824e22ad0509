"""Whole lives of products as ordered events, played in fast time: `examples/lives`."""
