"""The widgets of the connect panel, and which of them each state shows."""

from collections.abc import Iterable

from ipywidgets import HTML, Button, Checkbox, Dropdown, HBox, Layout, Widget  # type: ignore[import-untyped]

from intercom_kit.auth.profiles import Profile
from intercom_kit.notebook.panel_text import State, Way
from intercom_kit.notebook.secret_field import SecretField

# In narrow cells, fields wrap below their labels.
STYLE = """<style>
.intercom-kit .widget-inline-hbox { flex-wrap: wrap; align-items: center; height: auto; max-width: 100%; }
.intercom-kit .widget-inline-hbox > :is(input, select) { flex: 1 1 11rem; max-width: 100%; min-height: 28px; }
.intercom-kit .widget-checkbox input { vertical-align: middle; }
.intercom-kit .jupyter-button { height: auto; white-space: normal; }
.intercom-kit a { color: var(--jp-content-link-color, revert); text-decoration: underline; }
</style>"""
REGIONS = [("United States", "us"), ("Europe", "eu"), ("Australia", "au")]


class PanelView:
    """The panel's widgets; the panel listens to them."""

    def __init__(self, way: Way, *, region: bool) -> None:
        self.status = HTML()
        self.profile = _dropdown("Profile", [])
        self.use_profile = _button("Use profile")
        self.region = _dropdown("Region", REGIONS)
        self.connect = _button("Connect", "Ask for your consent on Intercom's page")
        self.connect.button_style = "primary"
        self.demo = _button("Demo", "A demo workspace on this machine: no account is needed")
        self.token = SecretField("Access token", "Use token")
        self.keep = _checkbox("Remember on the kernel's machine", checked=True)
        self.pasted = SecretField("Address you landed on", "Paste")
        self.cancel = _button("Cancel")
        self.card = HTML()
        self.other = _button("Other workspace", "Connect to another workspace; this one's profile is kept")
        self.disconnect = _button("Disconnect", "Close the connection, and forget the credential")
        self.revoke = _checkbox("Also revoke at Intercom", checked=False)
        consent = _row(*[self.region] * region, self.connect, self.demo)
        self._ways = [self.token, consent] if way == "token" else [consent, self.token]
        self._profiles = _row(self.profile, self.use_profile)
        self._giving_up = _row(self.cancel)
        self._ending = _row(self.other, self.disconnect, self.revoke)

    def offer(self, profiles: Iterable[Profile]) -> None:
        """Offer these profiles to choose from, the one used last first."""
        offered = sorted(profiles, key=lambda each: not each.used)
        named = [(" · ".join((each.name, each.workspace, each.region.upper())), each.name) for each in offered]
        if named != list(self.profile.options):
            self.profile.close()
            self.profile = _dropdown("Profile", named)  # with new options, the old widget would show no selection
            self._profiles.children = [self.profile, self.use_profile]

    def children(self, state: State) -> list[Widget]:
        """Return the widgets that a state shows, from top to bottom; clears the secret fields."""
        self.token.clear()
        self.pasted.clear()
        match state:
            case "waiting":
                return [self.status, self.pasted, self._giving_up]
            case "working":
                return [self.status, self._giving_up]
            case "connected":
                return [self.status, self.card, self._ending]
            case "disconnecting":
                return [self.status]
        return [self.status, *([self._profiles] if self.profile.options else []), *self._ways, self.keep]


def _button(description: str, tooltip: str = "") -> Button:
    return Button(description=description, tooltip=tooltip or description, layout=Layout(width="auto"))


def _checkbox(description: str, *, checked: bool) -> Checkbox:
    return Checkbox(checked, description=description, indent=False, layout=Layout(width="auto"))


def _dropdown(description: str, options: list[tuple[str, str]]) -> Dropdown:
    style = {"description_width": "initial"}
    return Dropdown(description=description, options=options, style=style, layout=Layout(width="auto"))


def _row(*widgets: Widget) -> HBox:
    return HBox(widgets, layout=Layout(flex_flow="row wrap", align_items="center"))
