"""The public pages, by where one is: before a case (`opening`), in a case (`road`), the visit, plain pages."""
