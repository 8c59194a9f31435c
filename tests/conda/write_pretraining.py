"""Write a small project whose network starts from one pretrained within the workflow, on JAX.

python write_pretraining.py FOLDER
"""

import sys
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "workflow"))

from projects import small_config, write_project


def main(folder: str) -> None:
    """The project in FOLDER, and the configuration of the network that it starts from beside it."""
    folder = Path(folder)
    on_jax = {"compute": {"backend": "jax"}}
    other = small_config(models={"cnn": {"space": {"filters": 32, "blocks": 1, "batch_size": 64}}},
                         tuning__trials=1, fit__seeds=1, **on_jax)  # fmt: skip
    origin = {"config": "other.yaml", "model": "cnn"}
    config = small_config(pretrained={"elsewhere": {"pretrain": origin}}, **on_jax)
    config["models"]["frozen"] = {"module": "kipoi_features", "pretrained": "elsewhere"}
    write_project(folder, config)
    (folder / "other.yaml").write_text(yaml.safe_dump(other, sort_keys=False))


if __name__ == "__main__":
    main(*sys.argv[1:])
