"""What a session shows of itself: its card, and the requests it made."""
