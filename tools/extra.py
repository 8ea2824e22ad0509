"""Whether the extra `local` is installed, which a stack of this machine's own needs."""

from importlib.util import find_spec

#: Whether a broker, a database and a mail server can be started here.
CAN_RUN_STACK = all(find_spec(module) for module in ("secantus", "aiosmtpd"))
