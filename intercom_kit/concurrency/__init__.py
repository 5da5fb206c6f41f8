"""Work on one event loop beside the program: waited for, stopped by Ctrl-C, and left alone by a fork."""
