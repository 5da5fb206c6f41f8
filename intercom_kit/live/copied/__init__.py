"""What is cached, copied into a database of its own for tools that bring their own SQL."""
