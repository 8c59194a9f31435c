"""Settle how often each control is repeated, from what the search took."""

from deeprules.control import Terms, find_control
from deeprules.control_plan import Wanted, plan_controls
from deeprules.costs import SEARCH_AND_FITS, read_usage
from deeprules.files import read_json, read_table, write_json
from deeprules.fit.job_inputs import load_development
from deeprules.logs import start_log

log = start_log(snakemake.log[0])
source, params = snakemake.input, snakemake.params
frozen = read_json(source.frozen)
general = {"files": dict(source.items()), "frozen": frozen}
controls = {
    name: Wanted(
        find_control(name),
        Terms(settings, 0, frozen["objective"], 0, **general),
        params.audited if name == "membership_inference" else (),
    )
    for name, settings in params.controls.items()
}
jobs = read_usage(params.logs, {"controls": []})
jobs = jobs[jobs["part"].isin(SEARCH_AND_FITS)]
trials, development = read_table(source.trials), load_development(source)
plan = plan_controls(trials, jobs, frozen, development, controls, params.budget)
log.info(plan["sentence"])
write_json(snakemake.output.plan, plan)
