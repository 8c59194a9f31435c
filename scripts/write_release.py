"""Describe a released folder as an RO-Crate and by a list of checksums."""

import shutil

from deeprules.files import read_json, whole_folder
from deeprules.logs import start_log
from deeprules.release.checksums import write_checksums
from deeprules.release.crate import write_crate

log = start_log(snakemake.log[0])
source = snakemake.input
with whole_folder(snakemake.output.release) as unfinished:
    shutil.copytree(source.folder, unfinished, dirs_exist_ok=True)
    sources = [read_json(path) for path in source.provenance]
    facts, run = read_json(unfinished / "model" / "model.json"), read_json(source.run)
    write_crate(unfinished, facts, run, snakemake.params.licence, sources)
    n = write_checksums(unfinished)
log.info("%s: %d files", snakemake.output.release, n)
