"""What a file of a fitted model is known by."""

import re
import zipfile
from hashlib import sha256
from pathlib import Path

from deeprules.files import file_sha256, refusing_damage


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
