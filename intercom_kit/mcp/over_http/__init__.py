"""The server over HTTP: on loopback without tokens, elsewhere with tokens that an issuer signed for it."""
