"""The forward of any model as boxes and wires."""
