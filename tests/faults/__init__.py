"""The faults it must stand, tried on real processes: each test breaks something and looks for the promised state."""
