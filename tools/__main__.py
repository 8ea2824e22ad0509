"""The `ocop` command where it is installed, and `python -m tools`."""

import gc
import signal


def main() -> None:
    """Run the command. Until it handles Ctrl-C, that ends it at once and quietly, even while it is being loaded."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from tools.cli import app  # noqa: PLC0415  # it takes most of a second

    gc.freeze()  # what is loaded stays: to look through it takes a collection a tenth of a second
    app(prog_name="ocop")


if __name__ == "__main__":
    main()
