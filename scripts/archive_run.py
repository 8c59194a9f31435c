"""Pack a finished run, without its data, as a Workflow Run RO-Crate."""

from deeprules.conclude.archive import describe_files, instructions, lay_out
from deeprules.conclude.archive_crate import write_crate
from deeprules.files import read_json, scratch_folder, whole_file
from deeprules.logs import start_log
from deeprules.privacy.disclosure import Disclosure
from deeprules.yaml_files import read_yaml

log = start_log(snakemake.log[0])
inputs, params = snakemake.input, snakemake.params
sources = [read_json(path) for path in inputs.provenance]
disclosure = Disclosure.of(read_yaml(inputs.config), dict(inputs.items()))
title = read_json(inputs.study)["study"]["title"]
with whole_file(snakemake.output.crate) as unfinished:
    with scratch_folder(unfinished.with_name("archive")) as folder:
        lay_out(folder, inputs, params.records, params.workflow_folder, disclosure)
        (folder / "README.md").write_text(instructions(title, sources), encoding="utf-8")
        files = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
        write_crate(unfinished, folder, describe_files(folder, files), sources)
    size = unfinished.stat().st_size
log.info("%s: %d files, %.1f MB", snakemake.output.crate, len(files), size / 1e6)
