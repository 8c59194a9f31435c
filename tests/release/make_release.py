"""Write a released folder of a small run.

Usage: PYTHONPATH=scripts:tests:tests/unit:workflow python tests/release/make_release.py FOLDER
"""

import sys
from pathlib import Path

from test_release import release

folder = Path(sys.argv[1])
folder.mkdir(parents=True)
release(folder, "sequence", "fasta", "table")
