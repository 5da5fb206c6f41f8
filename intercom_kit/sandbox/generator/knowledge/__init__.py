"""The generator of the help center: articles, their statistics, and collections."""
