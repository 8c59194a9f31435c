"""Predict new examples with the model in this folder.

Usage: python3 predict.py FILE [OUTPUT]
       python3 predict.py --check        predict the example, and compare with what is expected

FILE is FASTA, or a table (TSV, CSV) with the columns `id` and `sequence`; for a model of numbers a
table with a row a sample, the first column its name, and the features under their names. README.md
says more. At its first use an environment is made beside this file (`.venv`) from
requirements.txt; with DEEPRULES_HERE=1 the packages of this Python are used instead.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
ENVIRONMENT = FOLDER / ".venv"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
READY = ENVIRONMENT / "ready"


def make_environment() -> None:
    """Install what stands in requirements.txt; what was not finished is made anew."""
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        sys.exit("Python 3.11, 3.12 or 3.13 is needed; this is " + sys.version.split()[0])
    wanted = FOLDER / "requirements.txt"
    hashes = ["--require-hashes"] if "--hash=" in wanted.read_text(encoding="utf-8") else []
    print("Making the environment, once ...", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)], check=True)
    install = [str(PYTHON), "-m", "pip", "install", "--quiet", "--no-deps", *hashes]
    if not hashes:
        install.remove("--no-deps")
    subprocess.run([*install, "--requirement", str(wanted)], check=True)
    READY.touch()


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3) or sys.argv[1] in ("-h", "--help"):
        sys.exit(__doc__)
    # Keras takes TensorFlow where nobody says otherwise.
    facts = json.loads((FOLDER / "model" / "model.json").read_text(encoding="utf-8"))
    os.environ["KERAS_BACKEND"] = facts["backend"]
    if os.environ.get("DEEPRULES_HERE") != "1":
        if not READY.exists():
            make_environment()
        environment = {**os.environ, "DEEPRULES_HERE": "1", "TF_CPP_MIN_LOG_LEVEL": "2"}
        environment.pop("PYTHONPATH", None)
        command = [str(PYTHON), str(FOLDER / "predict.py"), *sys.argv[1:]]
        sys.exit(subprocess.run(command, env=environment).returncode)
    sys.path.insert(0, str(FOLDER / "code"))
    from deeprules.release.apply import main

    sys.exit(main(FOLDER, sys.argv[1:]))
