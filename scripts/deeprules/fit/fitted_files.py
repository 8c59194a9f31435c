"""The files of a finished fit, and what that of the model is known by."""

import re
import zipfile
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

from deeprules.files import file_sha256, refusing_damage

FILES = {
    "settings": "settings.yaml",
    "history": "history.tsv",
    "scores": "scores.json",
    "predictions": "predictions.parquet",
}
"""Name of each file of a fit but the model."""


def files_of_fit(folder: str | Path, model: str) -> SimpleNamespace:
    """Paths in a folder, as `write_fit` takes them; `model` is the name of the model's file."""
    return SimpleNamespace(
        model=str(Path(folder, model)), **{key: Path(folder, name) for key, name in FILES.items()}
    )


def model_sha256(path: str | Path) -> str:
    """SHA-256 of a fitted model; the same model saved twice has the same hash.

    A `.keras` file is a zip archive with the date of saving and memory addresses in it
    (`metadata.json`, `shared_object_id`); both are left out. Other files are hashed as they are.
    """
    if Path(path).suffix != ".keras":
        return file_sha256(path)
    digest = sha256()
    with refusing_damage(path, zipfile.BadZipFile), zipfile.ZipFile(path) as archive:
        for name in sorted(set(archive.namelist()) - {"metadata.json"}):
            content = archive.read(name)
            if name == "config.json":
                content = re.sub(rb'"shared_object_id": \d+', b'"shared_object_id": 0', content)
            digest.update(f"{name} {len(content)}\n".encode())
            digest.update(content)
    return digest.hexdigest()
