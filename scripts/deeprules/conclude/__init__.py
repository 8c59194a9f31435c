"""The end of a run: its verdict, what it cost, what it was made with, and its archive."""
