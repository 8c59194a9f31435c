"""What the chosen models reach on labels that were shuffled."""

import pandas as pd

from deeprules.report.results import Results
from deeprules.report.section import Check, Missing, Section
from deeprules.report.tables import shown, table

WITHOUT = (Missing(7, "fit on shuffled labels", essential=True),)


def section(results: Results) -> Section | None:
    """Scores with real and with shuffled labels."""
    if "shuffled_labels" not in results:
        return None
    entries = results.shuffled_labels["entries"]
    return Section(
        "Shuffled labels",
        "The chosen models, fitted again with the same hyperparameters on permuted labels: what "
        "they reach on tune when there is nothing to learn. Shuffled within each batch, labels "
        "keep their link to the batch, so that a score above chance comes from the batch.",
        findings=_findings(entries),
        tables={
            "shuffled": table(
                f"{shown(results.objective)} on tune, with real and with shuffled labels",
                "results/controls/shuffled_labels/summary.json",
                entries,
                "model scheme real shuffled best_shuffled fits p_value memorised",
                {
                    "scheme": "shuffled",
                    "real": "real labels",
                    "shuffled": "shuffled, mean",
                    "best_shuffled": "shuffled, best",
                },
                note="The p value is the share of permutations, the real labels among them, that "
                "score at least as high; with few permutations it cannot be small. Memorised is "
                "the mean score on train with shuffled labels.",
                scores=("real", "shuffled", "best_shuffled", "memorised"),
                scheme={"all": "all labels", "within_batch": "within each batch"}.get,
            )
        },
        said={"sentences": [one["sentence"] for one in entries]},
    )


def _findings(entries: list[dict]) -> list[Check]:
    """Whether the chosen models are better than on shuffled labels."""
    failed = [one for one in entries if not one["is_better"]]
    if failed:
        status = {"all": "fail"}
        return [Check(7, status.get(one["scheme"], "warn"), one["sentence"]) for one in failed]
    fits = pd.DataFrame(entries).groupby("model", sort=False)["fits"].sum()
    names = ", ".join(f"`{model}` ({n} fit{'s' * (n != 1)})" for model, n in fits.items())
    return [Check(7, "pass", f"Better than every fit on shuffled labels: {names}.")]
