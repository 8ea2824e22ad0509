"""Failures that are not the message's fault, and that the handling of messages distinguishes."""


class OutageError(Exception):
    """The database or the broker is away, or did not say whether it did what was asked. Hold the message, try again.

    `recorded` says that the answer was put on record before, for the first time: the next try will find it there.
    """

    recorded = False


class TooManyError(OutageError):
    """The database was given up by whoever asked: it has too much to look through."""


class TryLaterError(Exception):
    """The message cannot be handled yet: it waits in the broker, with growing delays, and then is a dead letter."""


class ConflictError(Exception):
    """Another writer was first: read again and decide again."""


class SettingsError(Exception):
    """A setting cannot work; the message names it and says why, without repeating what may be secret."""
