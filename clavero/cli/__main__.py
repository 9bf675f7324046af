"""`python -m clavero.cli`."""

from clavero.cli import main

if __name__ == "__main__":
    main()
