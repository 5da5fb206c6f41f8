"""An input field for a secret, which is cleared as soon as it is read."""

from collections.abc import Callable
from typing import Any

from ipywidgets import Button, HBox, Layout, Password  # type: ignore[import-untyped]

from intercom_kit.api.secret import Secret


class SecretField(HBox):  # type: ignore[misc]  # ipywidgets has no types
    """An input field for a secret, which is submitted with the button or Enter.

    JupyterLab may save the values of widgets with the notebook. So the field is cleared as soon as its value arrives,
    when it loses focus, and the value waits in a Secret for the button.
    """

    def __init__(self, label: str, button: str) -> None:
        self._submit: Callable[[Secret], object] | None = None
        self._held: Secret | None = None
        self._entered = False
        self._field = Password(
            description=label,
            continuous_update=False,  # else every keystroke would be sent
            style={"description_width": "initial"},
            layout=Layout(flex="1 1 14rem", width="auto", min_width="0"),
        )
        self._button = Button(description=button, layout=Layout(width="auto", flex="0 0 auto"))
        super().__init__(
            [self._field, self._button], layout=Layout(flex_flow="row wrap", align_items="flex-end", width="100%")
        )
        self._field.observe(self._take, "value")
        self._field.on_msg(self._hear)
        self._button.on_click(lambda _: self._hand_over())

    def __repr__(self) -> str:
        return f"<SecretField {self._field.description!r}>"

    def on_submit(self, submit: Callable[[Secret], object]) -> None:
        """Call `submit` with each secret that is submitted."""
        self._submit = submit

    def clear(self) -> None:
        """Forget what was entered."""
        self._held, self._entered = None, False
        self._field.placeholder = ""

    def _take(self, change: Any) -> None:
        if not change["new"]:
            return
        self._held = Secret(change["new"])
        change["new"] = self._field.value = ""
        self._field.placeholder = "received"
        if self._entered:
            self._hand_over()

    def _hear(self, _: object, message: Any, __: object) -> None:
        # The message for Enter arrives before the value.
        self._entered = message.get("event") == "submit"

    def _hand_over(self) -> None:
        secret, self._held = self._held, None
        self.clear()
        if secret is not None and self._submit is not None:
            self._submit(secret)
