"""The tools `search` and `fetch`, as programs for deep research expect them, over objects of several kinds."""
