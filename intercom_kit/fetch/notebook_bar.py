"""The progress bar in a notebook: tqdm's widget, whose texts wrap in a narrow cell."""

from typing import Any

from tqdm.notebook import tqdm_notebook

# tqdm makes spaces wider, so that HTML keeps them, and lines would not break there; this one it leaves alone.
_SPACE = "\N{FOUR-PER-EM SPACE}"


class NotebookBar(tqdm_notebook):  # type: ignore[type-arg]
    """A progress bar as wide as its cell, whose total may change while it runs."""

    def __init__(self, **options: Any) -> None:
        options["ncols"] = "100%"
        super().__init__(**options)

    def display(self, *arguments: Any, **options: Any) -> None:
        """Show the counts; the widget takes the total as it is now."""
        _, widget, _ = self.container.children
        if self.total:
            widget.max, widget.bar_style = self.total, widget.bar_style.replace("info", "")
        super().display(*arguments, **options)

    @staticmethod
    def format_meter(*counts: Any, **options: Any) -> str:
        """Return the counts as text that breaks at its spaces."""
        options["ncols"] = None  # of the widget, and no number of letters
        return str(tqdm_notebook.format_meter(*counts, **options)).replace(" ", _SPACE)
