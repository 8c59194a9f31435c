"""Describe a user's tool: its commands, files, programs and version."""

from pathlib import Path

from deeprules.command.tool_description import describe_tool
from deeprules.files import write_json
from deeprules.logs import start_log

log = start_log(snakemake.log[0])
inputs, params = snakemake.input, snakemake.params
settings = dict(params.settings)
settings["files"] = dict(zip(settings.get("files", {}), inputs.files, strict=True))
settings["environment"] = inputs.get("environment")
prefix = Path(inputs.prefix).read_text().strip() if inputs.get("prefix") else None
feature_names = Path(inputs.feature_names).read_text().splitlines()
record = describe_tool(
    params.name, settings, params.modality, feature_names, prefix or None, params.hidden
)
write_json(snakemake.output.tool, record)
log.info("%s: %s", params.name, record["version"] or "no version command is given")
for caution in record["cautions"]:
    log.warning("Warning: %s", caution["sentence"])
