"""Numbers as people read them: what of them stands out, and how they are written."""
