"""Values as analysts write them: those of pandas and NumPy, and times."""
