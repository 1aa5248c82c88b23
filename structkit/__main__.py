"""`python -m structkit`, and the `structkit` command."""

from structkit.cli.app import main

if __name__ == "__main__":
    main()
