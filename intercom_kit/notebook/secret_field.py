"""An input field for a secret, which is cleared as soon as it is read."""

import time
from collections.abc import Callable
from typing import Any

from ipywidgets import Button, HBox, Layout, Password, Widget  # type: ignore[import-untyped]

from intercom_kit.api.secret import Secret

_TOGETHER = 2.0  # seconds within which the message for Enter and the value arrive


class SecretField(HBox):  # type: ignore[misc]  # ipywidgets has no types
    """An input field for a secret, which is submitted with the button or Enter.

    JupyterLab may save the values of widgets with the notebook. So the field is cleared as soon as its value arrives,
    when it loses focus, and the value waits in a Secret for the button.
    """

    def __init__(self, label: str, button: str, *beside: Widget) -> None:
        self._submit: Callable[[Secret], object] | None = None
        self._miss: Callable[[], object] | None = None
        self._edit: Callable[[], object] | None = None
        self._held: Secret | None = None
        self._entered_at = float("-inf")
        self._field = Password(
            description=label,
            continuous_update=False,  # else every keystroke would be sent
            style={"description_width": "initial"},
            layout=Layout(flex="1 1 14rem", width="auto", min_width="0"),
        )
        self._button = Button(description=button, layout=Layout(width="auto", flex="0 0 auto"))
        super().__init__(
            [self._field, self._button, *beside],
            layout=Layout(flex_flow="row wrap", align_items="flex-end", width="100%"),
        )
        self._field.observe(self._take, "value")
        self._field.on_msg(self._hear)
        self._button.on_click(lambda _: self._hand_over())

    def __repr__(self) -> str:
        return f"<SecretField {self._field.description!r}>"

    def on_submit(
        self, submit: Callable[[Secret], object], miss: Callable[[], object], edit: Callable[[], object] | None = None
    ) -> None:
        """Call `submit` with each secret that is submitted, `miss` where there is none, and `edit` on arrival."""
        self._submit, self._miss, self._edit = submit, miss, edit

    def clear(self) -> None:
        """Forget what was entered."""
        self._held, self._entered_at = None, float("-inf")
        self._field.placeholder = ""

    def _take(self, change: Any) -> None:
        if not change["new"]:
            return
        self._held = Secret(change["new"])
        change["new"] = self._field.value = ""
        self._field.placeholder = "received"
        if self._edit is not None:
            self._edit()
        if time.monotonic() - self._entered_at < _TOGETHER:
            self._hand_over()

    def _hear(self, _: object, message: Any, __: object) -> None:
        # The message for Enter arrives before the value.
        if message.get("event") == "submit":
            self._entered_at = time.monotonic()

    def _hand_over(self) -> None:
        secret, self._held = self._held, None
        self.clear()
        if secret is None:
            if self._miss is not None:
                self._miss()
        elif self._submit is not None:
            self._submit(secret)
