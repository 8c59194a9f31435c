"""See whether a network can be saved and learn one batch by heart, and time its steps."""

from functools import partial

from deeprules.checks.one_batch import overfit_one_batch, require_learnt
from deeprules.checks.saved_network import require_loadable
from deeprules.files import write_json
from deeprules.fit.candidates import Candidate
from deeprules.fit.fitting import limit_threads
from deeprules.fit.job_inputs import load_development, load_needed
from deeprules.fit.loading import load_network
from deeprules.logs import start_log
from deeprules.tune.search import preset_space

log = start_log(snakemake.log[0])
params, entry = snakemake.params, snakemake.params.entry
limit_threads(entry["kind"], snakemake.threads)
train = load_development(snakemake.input).train
candidate = Candidate.of(params.model, entry, load_needed(snakemake.input))
load = partial(load_network, pretrained=candidate.needed)
require_loadable(candidate, preset_space(candidate.space), train, params.seed, load)
result = overfit_one_batch(candidate, preset_space(candidate.space), train, params.seed)
require_learnt(params.model, result)
log.info("loss %.3g after %d steps", result["loss"], result["steps"])
write_json(snakemake.output.result, result)
