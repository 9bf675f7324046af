"""Tags of this room's pieces of a page."""
