"""The fitted models of a packed model, ready to be asked."""

from deeprules.errors import InputError
from deeprules.fit.fitted_files import model_sha256
from deeprules.fit.loading import ModelLoader
from deeprules.predict.packed import PackedModel


def load_models(packed: PackedModel) -> dict[str, object]:
    """{seed: fitted model with `predict(features, examples)`}.

    Raises
    ------
    InputError
        If a file is not the one that was packed, or what the model needs is gone.
    """
    paths = {str(one["seed"]): packed.folder / one["file"] for one in packed.model["files"]}
    for path, one in zip(paths.values(), packed.model["files"], strict=True):
        if not path.is_file() or model_sha256(path) != one["sha256"]:
            raise InputError(f"{path}: is missing or was altered. Pack the run again.")
    loader = _loader(packed, [str(path) for path in paths.values()])
    return {seed: loader(str(path)) for seed, path in paths.items()}


def _loader(packed: PackedModel, paths: list[str]) -> ModelLoader:
    """What loads these files, with what they start from."""
    frozen = {"models": {packed.name: {"files": dict.fromkeys(paths)}}}
    pretrained = packed.model["pretrained"]
    entries, folders, contracts = {}, [], []
    if pretrained:
        keys = ("pretrained", "inputs", "random_weights")
        entries = {packed.name: {key: packed.model[key] for key in keys if key in packed.model}}
        folders = [packed.folder / "pretrained" / pretrained / "folder"]
        contracts = [packed.folder / "pretrained" / pretrained / "contract.json"]
    tools = [packed.folder / "tools" / f"{packed.name}.json"] if packed.model["tool"] else []
    return ModelLoader.of_frozen(frozen, entries, folders, contracts, tools)
