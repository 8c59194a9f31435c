"""A matrix with one file a sample, each at an address of its own: each is a source with a pin."""

from collections.abc import Iterator, Mapping

from deeprules_workflow.tenx_folders import ORIGIN

FORMAT = "matrix"


def open_addresses(config: Mapping) -> Mapping:
    """The configuration with each address of `urls` as a source, `<name>_file2` and so on.

    The source itself takes the first one, and names all in `files`, by sample. One that cannot
    have `urls` stays as it is, and so does what is no configuration.
    """
    data = config.get("data")
    sources = data.get("sources") if isinstance(data, Mapping) else None
    if not isinstance(sources, Mapping) or not any(map(_has_addresses, sources.values())):
        return config
    found = {}
    for name, source in sources.items():
        if not _has_addresses(source):
            found[name] = source
            continue
        names = [name, *(f"{name}_file{n + 1}" for n in range(1, len(source["urls"])))]
        origin = {key: source[key] for key in ORIGIN if key in source}
        parts = [
            {"url": address, "format": FORMAT, **origin} for address in source["urls"].values()
        ]
        found |= dict(zip(names, parts, strict=True))
        own = {key: value for key, value in source.items() if key != "urls"}
        files = dict(zip(map(str, source["urls"]), names, strict=True))
        found[name] = {**own, "url": parts[0]["url"], "files": files}
    return {**config, "data": {**data, "sources": found}}


def address_faults(where: str, source: Mapping, sources: Mapping) -> Iterator[str]:
    """What does not go with `urls`, or with the sources that came of it."""
    if "urls" in source:
        yield (
            f"{where}.urls: is for a source of format `{FORMAT}` without a `url`, with one file a "
            "sample: `{name of the sample: address}`"
        )
    absent = [name for name in source["files"].values() if name not in sources]
    if absent:
        yield f"{where}.files: there is no source `{absent[0]}`; write `urls` instead"
    if source["files"] and source.get("sha256") is not None:
        yield f"{where}.sha256: is that of one file; those of `urls` are pinned by themselves"


def _has_addresses(source: object) -> bool:
    return (
        isinstance(source, Mapping)
        and source.get("format") == FORMAT
        and isinstance(source.get("urls"), Mapping)
        and "url" not in source
        and all(isinstance(address, str) for address in source["urls"].values())
    )
