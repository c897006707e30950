"""A stack as one-layer modules piled up."""
