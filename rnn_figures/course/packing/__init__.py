"""Pictures of the lesson on packed sequences."""
