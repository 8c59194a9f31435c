"""Controls: what the chosen models are worth, shown on development data alone.

A control is one module of this folder and one key under `controls` of the configuration. It has

- `REPEATED` : what is repeated, in words; empty for a control that is made once
- `NEEDS` : names of what must be there: `batch` (declared batches), `network` (it is about the
  chosen network alone), `fits` (files of the final fits: `fit_models`, `fit_predictions`,
  `fit_scores`, a file a seed), `splits` (other splits of the development data: `splits`, `nearest`
  and, for its cost and summary, `split_facts`)
- `MODELS` : how many of the chosen models it is made for, the network first; left out for all
- `run(chosen, development, terms)` -> the table of one model, with the column `model`
- `summarise(table, development, terms)` -> the table of all models, and a summary for JSON
- `cost(development, terms)` -> a `deeprules.control.Cost`

A sentence that a summary holds under `sentence`, or in a list of mappings, goes to the log. `run`
leaves nothing behind, so that one process may run several controls of a model.
"""
