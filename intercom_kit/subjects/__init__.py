"""The verbs of a workspace, by what they are about."""
