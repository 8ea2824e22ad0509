"""The journal, the stream of all known events, as operators read it."""
