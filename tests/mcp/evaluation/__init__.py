"""Questions and slips of assistants, kept with the answers that they should get."""
