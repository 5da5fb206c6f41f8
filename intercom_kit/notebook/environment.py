"""Point a program and the kernels it starts at a sandbox."""

import os

from intercom_kit.sandbox import Sandbox


def beside(sandbox: Sandbox, home: str | None = None) -> dict[str, str]:
    """Return this process's environment, with the sandbox in place of any other workspace.

    The sandbox's app is there too, so that a panel can ask for consent on its page. Variables of the real workspace,
    such as its region or profile, are removed, since they would contradict the sandbox. With a `home`, credentials are
    read and stored only there, so that unattended notebooks neither show nor change the user's.
    """
    apart = {"INTERCOM_KIT_HOME": home, "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"} if home else {}
    app = {"INTERCOM_CLIENT_ID": sandbox.client_id, "INTERCOM_CLIENT_SECRET": sandbox.client_secret}
    return {
        **_of_no_workspace(),
        **apart,
        **app,
        "INTERCOM_BASE_URL": sandbox.base_url,
        "INTERCOM_ACCESS_TOKEN": sandbox.token,
    }


def chosen(profile: str) -> dict[str, str]:
    """Return this process's environment, with a profile in place of any other workspace, such as that of a token."""
    return {**_of_no_workspace(), "INTERCOM_PROFILE": profile}


def _of_no_workspace() -> dict[str, str]:
    """Return this process's environment without the variables that say which workspace to connect to."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("INTERCOM_") or name.startswith("INTERCOM_KIT_")
    }
