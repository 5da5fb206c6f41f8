"""The generator of tickets: conversations with a type, a state and attributes."""
