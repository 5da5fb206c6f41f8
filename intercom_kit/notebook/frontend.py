"""Whether a notebook is attended: somebody could click or type."""

from IPython.core.getipython import get_ipython

# The error of whatever waits for a click in an unattended notebook.
NOBODY = (
    "Nobody can click here, since the notebook runs unattended (as by nbconvert, nbmake or papermill). "
    "Connect without a panel: by intercom_kit.connect(), with INTERCOM_ACCESS_TOKEN set or after `intercom-kit login` "
    "in a terminal, or by intercom_kit.demo()."
)


def somebody_is_there() -> bool:
    """Return whether the front end that runs this cell can prompt its user, as JupyterLab and VS Code can.

    Programs that run notebooks unattended disallow prompts in each cell; outside of notebooks there is no front end.
    """
    kernel = getattr(get_ipython(), "kernel", None)
    return bool(getattr(kernel, "_allow_stdin", False))
