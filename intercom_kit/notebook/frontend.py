"""Whether somebody sits before the notebook who could click or type."""

from IPython.core.getipython import get_ipython

# For what waits until somebody clicks, where nobody can.
NOBODY = (
    "Nobody can click here, since the notebook runs without anybody before it (as by nbconvert, nbmake or papermill). "
    "Connect without a panel: by intercom_kit.connect(), with INTERCOM_ACCESS_TOKEN set or after `intercom-kit login` "
    "in a terminal, or by intercom_kit.demo()."
)


def somebody_is_there() -> bool:
    """Return whether the front end that runs this cell can ask its user, as JupyterLab and VS Code can.

    What executes notebooks unattended says of each cell that nobody will answer; outside of notebooks nobody clicks.
    """
    kernel = getattr(get_ipython(), "kernel", None)
    return bool(getattr(kernel, "_allow_stdin", False))
