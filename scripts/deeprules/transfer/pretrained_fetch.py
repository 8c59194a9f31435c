"""One pretrained model while it is fetched: its downloads, their pins, and what was fetched."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from deeprules.download.download import DEFAULT_RETRIES, download
from deeprules.download.transfers import RetryPolicy
from deeprules.files import file_sha256
from deeprules.paths import path_part


@dataclass
class Fetch:
    """One model while it is fetched.

    Attributes
    ----------
    name : its name in the configuration
    settings : its entry there
    pins : folder of the pins, records/checksums
    mirrors : other places to download from
    retries : patience of each download
    files : what was fetched so far: name, address, SHA-256, bytes
    converted_from : version of Keras that wrote it, if it had to be rebuilt
    """

    name: str
    settings: Mapping
    pins: Path
    mirrors: Mapping[str, str]
    retries: RetryPolicy = DEFAULT_RETRIES
    files: list[dict] = field(default_factory=list)
    converted_from: str | None = None

    @property
    def trust(self) -> bool:
        """Whether code of the model may run."""
        return self.settings["trust"]

    def download(self, url: str, folder: Path, part: str = "", sha256: str | None = None) -> Path:
        """The file at `url`, in `folder`, checked against the pin of this part of the model.

        `part` may come from a model.yaml; it and the name in the address become plain names.
        """
        name = PurePosixPath(unquote(urlsplit(url).path)).name
        path = folder / path_part(part or "weights") / path_part(name)
        record = download(
            url,
            path,
            source=f"pretrained.{self.name}",
            pin_path=self.pins / f"pretrained_{self.name}{part and f'_{path_part(part)}'}.json",
            version=self.settings["version"],
            expected_sha256=sha256,
            mirrors=self.mirrors,
            retries=self.retries,
        )
        kept = {key: record[key] for key in ("given_url", "final_url", "sha256", "bytes", "first")}
        self.files.append({"file": path.name, **kept})
        return path

    def note(self, path: Path, name: str) -> None:
        """Put a file that was taken over into the record, under its name where it came from."""
        if name not in {file["file"] for file in self.files}:
            size = path.stat().st_size
            self.files.append({"file": name, "sha256": file_sha256(path), "bytes": size})
