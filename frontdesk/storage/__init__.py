"""One SQL database, and the journal that stands in while it cannot be written."""
