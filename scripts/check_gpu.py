"""See whether the GPUs that the configuration asks for are there."""

from deeprules.checks.gpu_preflight import find_gpus, require_gpus
from deeprules.devices import show_all_gpus
from deeprules.files import write_json
from deeprules.logs import start_log

log = start_log(snakemake.log[0])
params = snakemake.params
show_all_gpus()
result = require_gpus(find_gpus(params.backend), params.wanted, params.allow_cpu)
log.info("%s: %s", params.backend, ", ".join(result["devices"]) or f"no GPU: {result['cause']}")
write_json(snakemake.output.result, result)
