"""The score sheets of the rulebook, printed."""
