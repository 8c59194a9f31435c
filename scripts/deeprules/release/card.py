"""The model card: what a released model is for, how well it works and for whom, and what not.

Its form is that of cards on Hugging Face: metadata in YAML, then Markdown (Mitchell et al. 2019,
doi:10.1145/3287560.3287596). No field is left open: what the run does not know is said to be so.
"""

import re
from collections.abc import Mapping, Sequence

import yaml

from deeprules.errors import InputError
from deeprules.ethics import Ethics
from deeprules.release import card_parts as parts
from deeprules.report.results import Results

LICENCES = (
    *("mit", "apache-2.0", "bsd-3-clause", "gpl-3.0", "lgpl-3.0", "agpl-3.0", "mpl-2.0"),
    *("cc0-1.0", "cc-by-4.0", "cc-by-sa-4.0", "cc-by-nc-4.0", "cc-by-nc-sa-4.0", "openrail"),
)
"""Licences that the metadata of cards know by name; others are written out."""
LIBRARIES = {"network": "keras", "baseline": "scikit-learn"}
OPEN = re.compile(
    r"\[more information needed\]|the author must|\bto ?do\b:|\btbd\b|\{\{", re.IGNORECASE
)
BOAST = re.compile(r"state[- ]of[- ]the[- ]art|\bSOTA\b", re.IGNORECASE)
CITATION = re.compile(r" ?\[@[^\]]+\]")


def model_card(
    results: Results,
    choice: Mapping,
    settings: Mapping,
    said: Mapping[str, str],
    notices: Sequence[str] = (),
) -> str:
    """The card as Markdown with its metadata.

    Parameters
    ----------
    results : the results of a finished run
    choice : the released model: `model`, `kind`, `why`
    settings : the section `release` of the configuration
    said : `deeprules.paper.paragraphs.paragraphs` of the run
    notices : sentences that stand on top

    Raises
    ------
    InputError
        If a field is empty, or one claims what no single run can show.
    """
    said = {name: CITATION.sub("", text) for name, text in said.items()}
    found = fields(results, choice, settings, said)
    check_fields({**found, **{f"notice {n}": text for n, text in enumerate(notices, start=1)}})
    head = yaml.safe_dump(metadata(results, choice, settings), sort_keys=False, allow_unicode=True)
    lines = [f"---\n{head}---", f"# {results.study['study']['title']}: {choice['model']}"]
    lines += [f"> **{text}**" for text in notices]
    for title, text in found.items():
        lines += [f"## {title}", text]
    return "\n\n".join(lines) + "\n"


def fields(
    results: Results, choice: Mapping, settings: Mapping, said: Mapping[str, str]
) -> dict[str, str]:
    """Everything that the card says, by its heading."""
    ethics = Ethics(**results.ethics)
    return {
        "Model": parts.model(results, choice, said),
        "How to use it": parts.use(results),
        "Intended use": parts.intended(results, settings),
        "Not intended": parts.not_intended(results, ethics),
        "Organism and population": parts.population(results, ethics),
        "Training data": f"{parts.sources(results)}\n\n{said['examples']}",
        "Training": parts.training(results, choice, said),
        "Evaluation": f"{said['split']}\n\n{said['opening']}\n\n{said['statistics']}",
        "Scores on test": parts.tested(results, choice),
        "Scores by subgroup": parts.subgroups(results, choice),
        "Limits": parts.limits(results, choice, said),
        "What it learnt": parts.learnt(results, choice),
        "Concerns": parts.concerns(ethics),
        "Privacy": parts.privacy(results, choice, ethics),
        "Verdict of the run": results.verdict["sentence"],
        "Licence": parts.licence(results, settings),
        "How it was made": parts.made(results, said),
    }


def check_fields(found: Mapping[str, str]) -> None:
    """Refuse a card with a field that is empty or left open, or that boasts.

    Raises
    ------
    InputError
        That names the fields.
    """
    empty = [name for name, text in found.items() if not text.strip() or OPEN.search(text)]
    if empty:
        raise InputError(
            f"The model card has nothing to say under {', '.join(map(repr, empty))}: every field "
            "must say something. State in study.yaml, ethics.yaml or the section `release` of the "
            "configuration what is missing."
        )
    boasts = [name for name, text in found.items() if BOAST.search(text)]
    if boasts:
        raise InputError(
            f"The model card claims the state of the art under {', '.join(map(repr, boasts))}. One "
            "run on one data set cannot show that: take it out of the study or configuration."
        )


def metadata(results: Results, choice: Mapping, settings: Mapping) -> dict:
    """The metadata of the card, by the keys of Hugging Face."""
    licence = settings["licence"].strip()
    named = {"license": licence.lower()}
    if licence.lower() not in LICENCES:
        named = {"license": "other", "license_name": licence}
    task = "tabular-regression" if results.dataset["task"] == "regression" else None
    task = task or "tabular-classification"
    metrics = parts.ensemble_scores(results, choice["model"])
    return {
        **named,
        "library_name": LIBRARIES[choice["kind"]],
        "tags": ["biology", "genomics", "deeprules", results.dataset["task"]],
        "metrics": metrics["metric"].tolist(),
        "model-index": [
            {
                "name": choice["model"],
                "results": [
                    {
                        "task": {"type": task, "name": results.study["study"]["endpoint"]},
                        "dataset": {
                            "type": "sealed-test-set",
                            "name": results.study["study"]["title"],
                            "split": "test",
                        },
                        "metrics": [
                            {
                                "type": row.metric,
                                "name": f"{row.metric} (95% interval {row.lower:.4f} to "
                                f"{row.upper:.4f})",
                                "value": round(float(row.value), 6),
                            }
                            for row in metrics.itertuples()
                        ],
                    }
                ],
            }
        ],
    }
