"""What single units of a network tell about the text that it reads."""
