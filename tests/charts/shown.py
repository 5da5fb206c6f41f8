"""What a reader sees of a figure, in words."""

from intercom_kit import charts


def title(figure: charts.Chart) -> str:
    """Return the finding, as one line."""
    return str(figure.layout.title.text).replace("<br>", " ")


def scope(figure: charts.Chart) -> str:
    """Return what is drawn, when, and of how many, as one line."""
    return str(figure.layout.title.subtitle.text).replace("<br>", " ")


def named(figure: charts.Chart, name: str) -> list[str]:
    """Return the texts that are drawn under a name, such as "row", in the order drawn."""
    return [str(note.text).replace("<br>", " ") for note in figure.layout.annotations if note.name == name]


def caption(figure: charts.Chart) -> str:
    """Return the notes below the drawing."""
    return " ".join(named(figure, "caption"))


def counted(figure: charts.Chart) -> str:
    """Return what "How counted" shows when it is hovered over, as one line."""
    notes = [note for note in figure.layout.annotations if note.name == "counted"]
    return " ".join(f"{note.hovertext} {note.text}".replace("<br>", " ") for note in notes)


def beside(figure: charts.Chart) -> list[str]:
    """Return the texts beside marks, without their colours, in the order drawn."""
    return [words.rpartition('">')[2].replace("</span>", "") for words in named(figure, "end")]
