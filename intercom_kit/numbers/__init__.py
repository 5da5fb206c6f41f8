"""Numbers and names as people read them: what stands out, and how they are written."""
