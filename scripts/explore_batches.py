"""Principal components and batch statistics of the development data."""

from pathlib import Path
from urllib.parse import quote

from deeprules.explore.exploration import covariate_names, explore
from deeprules.explore.explore_figures import draw_components, draw_scree, save_figure
from deeprules.files import write_json, write_table
from deeprules.fit.job_inputs import load_development
from deeprules.logs import start_log

log = start_log(snakemake.log[0])
result = snakemake.output
train, tune = load_development(snakemake.input)
found = explore(train, tune, snakemake.params.explore, snakemake.params.seed)
for name in ("scores", "scree", "association", "batch_prediction", "batch_correction"):
    write_table(result[name], getattr(found, name))
write_json(result.summary, found.summary)
save_figure(draw_scree(found.scree), result.scree_svg, result.scree_png)
for covariate in covariate_names(found.scores, train.dataset):
    figure = draw_components(found.scores, found.scree, covariate)
    path = Path(result.figures) / f"pca_{quote(covariate, safe='')}"
    save_figure(figure, f"{path}.svg", f"{path}.png")
for sentence in found.summary["warnings"]:
    log.warning("Warning: %s", sentence)
