"""What an answer says beside its rows, in words that an assistant can act on."""
