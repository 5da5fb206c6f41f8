"""Programs for those who maintain the package; they are not installed with it."""
