"""The `ocop` command where it is installed, and `python -m tools`."""

import signal


def main() -> None:
    """Run the command. Until it handles Ctrl-C, that ends it at once and quietly, even while it is being loaded."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from tools.cli import app  # noqa: PLC0415  # it takes most of a second

    app(prog_name="ocop")


if __name__ == "__main__":
    main()
