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
"""Names of the files in a folder, perhaps behind a prefix as GEO writes it (`GSM1_matrix.mtx.gz`);
the first that is there is taken."""
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
        if any(len(names) != 1 for names in files.values()):
            found[name] = source
            continue
        folder = str(source["url"]).rstrip("/")
        parts = {role: f"{name}_{role}" for role in ("genes", "barcodes")}
        found[name] = {**source, **parts, "url": f"{folder}/{files['url'][0]}"}
        origin = {key: source[key] for key in ORIGIN if key in source}
        for role, part in parts.items():
            found[part] = {"url": f"{folder}/{files[role][0]}", "format": FORMAT, **origin}
    return {**config, "data": {**data, "sources": found}}


def folder_faults(where: str, source: Mapping) -> Iterator[str]:
    """What a folder lacks that is given as a source, or that it is one where a file is needed."""
    url, name = source.get("url"), source.get("format")
    folder = _folder_of(source)
    if folder is None or name in (None, "matrix"):
        return
    if name != FORMAT:
        zarr = any((folder / part).exists() for part in (".zgroup", "zarr.json"))
        remedy = (
            "write it as one file, `anndata.io.read_zarr(folder).write_h5ad(path)`"
            if zarr
            else "give the file in it"
        )
        yield f"{where}.url: {url} is a folder, and a source of format `{name}` is a file; {remedy}"
        return
    files = _files(folder)
    inner = [one for one in folder.iterdir() if one.is_dir() and all(_files(one).values())]
    lacking = [" or ".join(FILES[role]) for role, names in files.items() if not names]
    if len(lacking) == len(FILES) and inner:
        names = ", ".join(sorted(one.name for one in inner))
        yield f"{where}.url: the folder {url} holds folders of 10x Genomics, {names}; give one"
    elif lacking:
        yield (
            f"{where}.url: the folder {url} has no file {', and no '.join(lacking)}; give the "
            "folder of one run of 10x Genomics"
        )
    elif several := [name for names in files.values() if len(names) > 1 for name in names]:
        yield (
            f"{where}.url: the folder {url} holds the files of several runs, {', '.join(several)}; "
            "put each run into a folder and a source of its own, with an `id_prefix`"
        )


def _folder(source: object) -> Path | None:
    """The folder on this machine that a source of 10x names, if it names one."""
    if not isinstance(source, Mapping) or source.get("format") != FORMAT:
        return None
    return _folder_of(source)


def _folder_of(source: Mapping) -> Path | None:
    path = local_path(source["url"]) if isinstance(source.get("url"), str) else None
    return path if path is not None and path.is_dir() else None


def _files(folder: Path | None) -> dict[str, list[str]]:
    """The files that are there, by what they are; of one that is there twice the packed one."""
    if folder is None:
        return {role: [] for role in FILES}
    there = sorted(path.name for path in folder.iterdir() if path.is_file())
    found = {}
    for role, names in FILES.items():
        plain = [name for name in names if name in there][:1]
        of_runs: dict[str, str] = {}
        for name in names:
            for file in there:
                if file.endswith(("_" + name, "-" + name, "." + name)):
                    of_runs.setdefault(file.removesuffix(name), file)
        found[role] = plain or list(of_runs.values())
    return found
