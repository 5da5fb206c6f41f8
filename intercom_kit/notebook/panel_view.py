"""The widgets of the connect panel, and which of them each state shows."""

from collections.abc import Iterable

from ipywidgets import HTML, Button, Checkbox, Dropdown, HBox, Layout, Widget  # type: ignore[import-untyped]

from intercom_kit.auth.profiles import Profile
from intercom_kit.notebook import panel_text
from intercom_kit.notebook.panel_problems import REGIONS
from intercom_kit.notebook.panel_text import State, Way
from intercom_kit.notebook.secret_field import SecretField

# In narrow cells, fields wrap below their labels.
STYLE = """<style>
.intercom-kit .widget-inline-hbox { flex-wrap: wrap; align-items: center; height: auto; max-width: 100%; }
.intercom-kit .widget-inline-hbox > :is(input, select) { flex: 1 1 11rem; max-width: 100%; min-height: 28px; }
.intercom-kit .widget-checkbox input { vertical-align: middle; }
.intercom-kit .widget-checkbox .widget-label-basic { height: auto; white-space: normal; overflow: visible; }
.intercom-kit .widget-dropdown { flex: 0 1 auto; min-width: 0; }
.intercom-kit .jupyter-button { height: auto; white-space: normal; }
.intercom-kit a { color: var(--jp-content-link-color, revert); text-decoration: underline; }
</style>"""


class PanelView:
    """The panel's widgets; the panel listens to them."""

    def __init__(self, way: Way, *, region: bool, app: bool) -> None:
        self.status = HTML(layout=Layout(flex="1 1 16rem", width="auto"))
        self.profile = _dropdown("Profile", [])
        self.use_profile = _button("Use profile")
        self.region = _dropdown("Region", [(name, region) for region, name in REGIONS.items()])
        self.connect = _button("Connect with Intercom", "Ask for your consent on Intercom's page")
        self.demo = _button("Demo", "A demo workspace on this machine: no account is needed")
        self.cancel = _button("Cancel")
        self.token = SecretField("Access token", "Use token")
        self.where = HTML(panel_text.where_is_the_token())
        self.keep = _checkbox("Remember on the kernel's machine", checked=True)
        self.pasted = SecretField("Address you landed on", "Finish", self.cancel)
        self.card = HTML()
        self.other = _button("Other workspace", "Connect to another workspace; this one's profile is kept")
        self.disconnect = _button("Disconnect", "Close the connection, and forget the credential")
        self.revoke = _checkbox("Also revoke at Intercom", checked=False)
        self.confirm = _button("Revoke and disconnect", "Uninstall the app at Intercom, and forget the credential")
        self.confirm.button_style = "danger"
        self.stay = _button("Stay connected")
        self.asks_region = False
        self._region_first = region
        self._token_first = way == "token" or not app
        if app:
            self.connect.button_style = "primary"
        self._consent = _row()
        self._profiles = _row(self.profile, self.use_profile)
        self._said = _row(self.status)
        self._working = _row(self.status, self.cancel)
        self._ending = _row(self.other, self.disconnect, self.revoke)
        self._confirming = _row(self.confirm, self.stay)

    def offer(self, profiles: Iterable[Profile]) -> None:
        """Offer these profiles to choose from, the one used last first."""
        offered = sorted(profiles, key=lambda each: not each.used)
        named = [(" · ".join((each.name, each.workspace, each.region.upper())), each.name) for each in offered]
        if named != list(self.profile.options):
            self.profile.close()
            self.profile = _dropdown("Profile", named)  # with new options, the old widget would show no selection
            self._profiles.children = [self.profile, self.use_profile]

    def ask_region(self, region: str | None) -> None:
        """Ask for the region of the token's workspace, if one is given, which is chosen; else stop asking."""
        self.asks_region = region is not None
        if region is not None:
            self.region.value = region

    def children(self, state: State, *, confirming: bool = False) -> list[Widget]:
        """Return the widgets that a state shows, from top to bottom; clears the secret fields."""
        self.token.clear()
        self.pasted.clear()
        match state:
            case "waiting":
                return [self._said, self.pasted]
            case "working":
                return [self._working]
            case "connected":
                return [self._said, self.card, self._confirming if confirming else self._ending]
            case "disconnecting":
                return [self._said]
        return [self._said, *([self._profiles] if self.profile.options else []), *self._ways(), self.keep]

    def _ways(self) -> list[Widget]:
        """Return the rows for consent and token, the more likely one first."""
        region_beside = self._region_first and not self.asks_region
        self._consent.children = [*[self.region] * region_beside, self.connect, self.demo]
        token = [*[self.region] * self.asks_region, self.token, self.where]
        return [*token, self._consent] if self._token_first or self.asks_region else [self._consent, *token]


def _button(description: str, tooltip: str = "") -> Button:
    return Button(description=description, tooltip=tooltip or description, layout=Layout(width="auto"))


def _checkbox(description: str, *, checked: bool) -> Checkbox:
    return Checkbox(checked, description=description, indent=False, layout=Layout(width="auto"))


def _dropdown(description: str, options: list[tuple[str, str]]) -> Dropdown:
    style = {"description_width": "initial"}
    return Dropdown(description=description, options=options, style=style, layout=Layout(width="auto"))


def _row(*widgets: Widget) -> HBox:
    return HBox(widgets, layout=Layout(flex_flow="row wrap", align_items="center"))
