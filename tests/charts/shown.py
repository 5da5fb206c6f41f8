"""What a reader sees of a figure, in words."""

from intercom_kit import charts


def caption(figure: charts.Chart) -> str:
    """Give what stands below the drawing."""
    words = next(note.text for note in figure.layout.annotations if note.name == "caption")
    return str(words).replace("<br>", " ")


def beside(figure: charts.Chart) -> list[str]:
    """Give what is written beside marks, from the first drawn on."""
    return [note.text for note in figure.layout.annotations if note.name != "caption"]
