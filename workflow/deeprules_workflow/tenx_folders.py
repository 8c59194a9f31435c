"""A folder of 10x Genomics as a source: its three files, each a source with a pin of its own."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from deeprules.addresses import local_path

FORMAT = "tenx"
FILES = {
    "url": ("matrix.mtx.gz", "matrix.mtx"),
    "genes": ("features.tsv.gz", "features.tsv", "genes.tsv.gz", "genes.tsv"),
    "barcodes": ("barcodes.tsv.gz", "barcodes.tsv"),
}
"""Names of the files in a folder; the first that is there is taken."""
ORIGIN = ("version", "licence", "citation")


def open_folders(config: Mapping) -> Mapping:
    """The configuration with the files of each folder of 10x as sources `<name>_genes` and so on.

    A folder that lacks a file stays as it is, and so does what is no configuration.
    """
    data = config.get("data")
    sources = data.get("sources") if isinstance(data, Mapping) else None
    if not isinstance(sources, Mapping) or not any(map(_folder, sources.values())):
        return config
    found = {}
    for name, source in sources.items():
        files = _files(_folder(source))
        if len(files) < len(FILES):
            found[name] = source
            continue
        folder = str(source["url"]).rstrip("/")
        parts = {role: f"{name}_{role}" for role in ("genes", "barcodes")}
        found[name] = {**source, **parts, "url": f"{folder}/{files['url']}"}
        origin = {key: source[key] for key in ORIGIN if key in source}
        for role, part in parts.items():
            found[part] = {"url": f"{folder}/{files[role]}", "format": FORMAT, **origin}
    return {**config, "data": {**data, "sources": found}}


def folder_faults(where: str, source: Mapping) -> Iterator[str]:
    """What a folder lacks that is given as a source."""
    folder = _folder(source)
    if folder is None:
        return
    for role in (role for role in FILES if role not in _files(folder)):
        yield (
            f"{where}.url: the folder {source['url']} has no file {' or '.join(FILES[role])}; "
            "give the folder of one run of 10x Genomics"
        )


def _folder(source: object) -> Path | None:
    """The folder on this machine that a source of 10x names, if it names one."""
    if not isinstance(source, Mapping) or source.get("format") != FORMAT:
        return None
    path = local_path(source["url"]) if isinstance(source.get("url"), str) else None
    return path if path is not None and path.is_dir() else None


def _files(folder: Path | None) -> dict[str, str]:
    """The files that are there, by what they are."""
    if folder is None:
        return {}
    there = {role: [n for n in names if (folder / n).is_file()] for role, names in FILES.items()}
    return {role: names[0] for role, names in there.items() if names}
