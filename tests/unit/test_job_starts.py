"""What jobs import: a backend of Keras costs seconds and 700 MB, and most jobs train no network."""

import json
from pathlib import Path

import keras  # noqa: F401  (so that Keras Tuner stands on it in this process)
from network_fits import run_python
from search_proposals import proposals

SCRIPTS = Path(__file__).parents[2] / "scripts"
WITHOUT_NETWORKS = ("fit_model", "tune_model", "run_trials", "run_controls", "summarise_controls")
WITHOUT_NETWORKS += ("plan_controls", "freeze_models", "conclude_run")
"""Scripts of jobs that may be about baselines alone, or fit nothing."""

IMPORTS = """
import ast, json, sys
from pathlib import Path
found = {}
for script in sys.argv[2:]:
    tree = ast.parse(Path(sys.argv[1], f"{script}.py").read_text())
    lines = [one for one in tree.body if isinstance(one, ast.Import | ast.ImportFrom)]
    exec(compile(ast.Module(lines, []), script, "exec"))
    names = ("keras", "tensorflow", "jax", "torch")
    found[script] = [one for one in names if one in sys.modules]
from search_proposals import proposals
print(json.dumps([found, proposals(), "keras" in sys.modules]))
"""


def test_a_job_imports_no_backend_unless_it_is_about_a_network():
    """And a search without Keras proposes what one with it does."""
    found, proposed, has_keras = json.loads(
        run_python(IMPORTS, SCRIPTS, *WITHOUT_NETWORKS, is_warm=False).splitlines()[-1]
    )
    assert found == {script: [] for script in WITHOUT_NETWORKS}
    assert not has_keras
    with_keras = json.loads(json.dumps(proposals()))
    assert proposed == with_keras
    assert min(map(len, with_keras.values())) > 4
