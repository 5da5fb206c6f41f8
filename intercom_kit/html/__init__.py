"""HTML as a person sees it: the words that a browser shows."""
