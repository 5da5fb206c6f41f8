"""What a reader sees of a figure, in words."""

from intercom_kit import charts


def caption(figure: charts.Chart) -> str:
    """Return the text below the drawing."""
    words = next(note.text for note in figure.layout.annotations if note.name == "caption")
    return str(words).replace("<br>", " ")


def beside(figure: charts.Chart) -> list[str]:
    """Return the texts beside marks, in the order drawn."""
    return [note.text for note in figure.layout.annotations if note.name != "caption"]
