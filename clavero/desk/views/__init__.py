"""The pages of the desk: one's own place (`own`), its people (`people`)."""
