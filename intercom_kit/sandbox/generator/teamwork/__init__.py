"""The generator of settings and of teammates' activity: attributes, office hours, away periods."""
