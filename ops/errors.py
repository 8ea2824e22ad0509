"""What an operator's command has to say where it cannot do its work."""


class CommandError(Exception):
    """A command cannot do its work; the message says why and where to look, to the person at the terminal."""
