"""Our tags; a built-in library, so that no template loads it."""
