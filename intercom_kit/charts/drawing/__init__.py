"""What stands around and between marks: the layout, panels of several groups, and colours by name."""
