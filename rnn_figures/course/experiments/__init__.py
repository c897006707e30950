"""What trained networks do, drawn: where each kind stops, and one of them reading a text."""
