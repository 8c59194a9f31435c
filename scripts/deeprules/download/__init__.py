"""Downloads: from an address to a whole, pinned file with a record of where it came from."""
