"""The verbs of a workspace, a file for each object of Intercom."""
