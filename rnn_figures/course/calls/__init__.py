"""Pictures of the lessons on runs cut into several calls."""
