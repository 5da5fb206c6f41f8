"""One event loop in a background thread: synchronous calls to it, interrupted by Ctrl-C and safe across forks."""
