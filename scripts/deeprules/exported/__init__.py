"""Files that an exported model carries with it; each stands by itself."""
