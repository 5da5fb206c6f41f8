"""A token that cannot be shown by accident."""

from collections.abc import Callable
from typing import NoReturn


class Secret:
    """Hold a token; only `reveal` gives it away, and nothing that prints, pickles or copies the holder does."""

    __slots__ = ("_reveal",)

    def __init__(self, value: str) -> None:
        # Kept in a closure: `vars`, debuggers and tracebacks with locals show the function, not the value.
        self._reveal: Callable[[], str] = lambda: value

    def reveal(self) -> str:
        """Give the token itself, for the one header that needs it."""
        return self._reveal()

    def __repr__(self) -> str:
        return "Secret(…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A secret cannot be pickled or copied; connect again where it is needed.")
