"""What the rules are made of: the configuration, checked, and what each rule takes from it.

Of the library it imports what runs and their jobs share, which needs the standard library and a
reader of YAML alone, so that a dry run takes a second.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "scripts"))
