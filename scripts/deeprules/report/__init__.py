"""The report: results read, judged by the ten tips, drawn, and put on one page."""
