"""`ocop dead`: dead letters and unrouted messages, to be looked at, replayed and discarded by operators."""
