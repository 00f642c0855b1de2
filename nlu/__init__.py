"""Text → understanding. Pure Python; heavy packages are imported where they are used, never here."""
