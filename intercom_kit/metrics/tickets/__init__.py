"""The metrics of tickets, from their parts, which come with them."""
