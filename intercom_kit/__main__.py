"""`python -m intercom_kit`: the command line, also where its script is not on the path."""

from intercom_kit.cli import main

if __name__ == "__main__":
    main()
