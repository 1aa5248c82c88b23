"""`python -m structkit`, and the `structkit` command."""

import os
import signal

# until the command line takes over: nothing is begun yet
signal.signal(signal.SIGINT, lambda *_: os._exit(130))

from structkit.cli.app import main  # noqa: E402

if __name__ == "__main__":
    main()
