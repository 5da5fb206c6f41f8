"""The visible text of HTML, as a browser would show it."""
