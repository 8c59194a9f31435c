"""One pretrained model while it is fetched: its downloads, their pins, and what was fetched."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from deeprules.download.download import DEFAULT_RETRIES, download
from deeprules.download.pins import pin_file
from deeprules.download.watching import DEFAULT_LIMITS, Limits, RetryPolicy
from deeprules.files import file_sha256
from deeprules.paths import path_part

OF_FILE = (
    *("source", "given_url", "final_url", "version", "downloaded", "sha256", "bytes", "first"),
    "replaced_sha256",
)
"""What the record of a model says of each file that was downloaded."""


@dataclass
class Fetch:
    """One model while it is fetched.

    Attributes
    ----------
    name : its name in the configuration
    settings : its entry there
    pins : folder of the pins, records/checksums
    mirrors : other places to download from
    was_opened : whether the test set was opened
    retries, limits : patience of each download, and what it may cost
    files : what was fetched so far: name, address, SHA-256, bytes
    converted_from : version of Keras that wrote it, if it had to be rebuilt
    """

    name: str
    settings: Mapping
    pins: Path
    mirrors: Mapping[str, str]
    was_opened: bool = True
    retries: RetryPolicy = DEFAULT_RETRIES
    limits: Limits = DEFAULT_LIMITS
    files: list[dict] = field(default_factory=list)
    converted_from: str | None = None

    @property
    def trust(self) -> bool:
        """Whether code of the model may run."""
        return self.settings["trust"]

    def download(
        self,
        url: str,
        folder: Path,
        part: str = "",
        sha256: str | None = None,
        may_be_tagged: bool = False,
    ) -> Path:
        """The file at `url`, in `folder`, checked against the pin of this part of the model.

        `part` may come from a model.yaml; it and the name in the address become plain names.
        """
        name = PurePosixPath(unquote(urlsplit(url).path)).name
        path = folder / path_part(part or "weights") / path_part(name)
        pin = f"pretrained_{self.name}{part and f'_{path_part(part)}'}.json"
        record = download(
            url,
            path,
            source=f"pretrained.{self.name}",
            pin_path=self.pins / pin,
            version=self.settings["version"],
            expected_sha256=sha256,
            mirrors=self.mirrors,
            was_opened=self.was_opened,
            may_be_json=part not in ("", "weights"),
            may_be_tagged=may_be_tagged,
            retries=self.retries,
            limits=self.limits,
        )
        self.files.append({"file": path.name, "pin": pin, **{key: record[key] for key in OF_FILE}})
        return path

    def note(self, path: Path, name: str) -> None:
        """Put a file that was taken over into the record, under its name where it came from."""
        if name not in {file["file"] for file in self.files}:
            size = path.stat().st_size
            self.files.append({"file": name, "sha256": file_sha256(path), "bytes": size})


def pin_files(record: Mapping, pins: str | Path) -> None:
    """Pin what a model was made of, once it is known to fit and to run.

    `record` says where it came from; a model that was made here was not downloaded.
    """
    for file in record.get("files", []):
        if "pin" in file:
            pin_file(file, Path(pins, path_part(file["pin"])))
