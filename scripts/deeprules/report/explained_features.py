"""What models of tables respond to: features shuffled, Shapley values and coefficients."""

from functools import partial

import pandas as pd
import plotly.graph_objects as go

from deeprules.report.figures import KIND_COLOURS, Figure, each, empty_figure, whiskers
from deeprules.report.results import Results
from deeprules.report.section import Check, Missing, Section
from deeprules.report.tables import shown, table
from deeprules.wording import format_number, format_score

LEAD = (
    "All of it is about the models, not about the cell: a feature that a model responds to goes "
    "with the label in these data, and need not cause it. Only development data were used, and "
    "models chosen before the test set was opened."
)
TERMS = {
    "trees": "TreeSHAP",
    "linear": "the coefficients",
    "permutations": "permutations, of the features whose replacement by their median moves it most",
}


def feature_section(results: Results) -> Section:
    """The section of a run on a table."""
    found, folder = results.features, "results/interpret/<model>"
    tables = {
        name: pd.concat(
            [
                one.assign(model=facts["model"])
                for one, facts in zip(getattr(results, f"feature_{name}"), found, strict=True)
            ],
            ignore_index=True,
        )
        for name in ("importance", "shapley", "coefficients")
    }
    return Section(
        "What the models respond to",
        LEAD,
        findings=[_finding(found)],
        tables=_tables(tables, folder),
        figures=_figures(tables["importance"], found, folder),
        said={"features": [_said(facts) for facts in found]},
    )


def _finding(found: list[dict]) -> Check | Missing:
    """What the scorecard says."""
    if not found:
        return Missing(8, "what the model responds to")
    words = "; ".join(map(_in_words, found))
    is_fine = any(one["surviving"] for one in found) and not any(
        one["batch_linked"] for one in found
    )
    return Check(8, "pass" if is_fine else "warn", f"{words}.")


def _in_words(facts: dict) -> str:
    of_batch = len(facts["batch_linked"])
    return (
        f"`{facts['model']}` responds to {facts['surviving']} of {facts['groups']} groups of "
        "features beyond chance" + (f"; {of_batch} go with the batch" if of_batch else "")
    )


def _said(facts: dict) -> dict:
    """The sentences of one model, and how they were found."""
    nothing = "Shuffling no feature costs this model more than chance in most of its fits."
    how = (
        f"{facts['shuffled_on']} examples of tune; {facts['fits']} "
        f"fit{'s' * (facts['fits'] != 1)}; {facts['features']:,} features, of which the strongest "
        f"were shuffled with those that go with them (correlation of 0.8). Shapley values are "
        f"shares of {facts['unit']}, by {TERMS[facts['how']]}. The same model fitted to shuffled "
        f"labels loses no more than {format_score(facts['null_loss'])} by any feature, and has no "
        f"mean Shapley value above {format_number(facts['null_shapley'])}: what is no more than "
        "that is no finding."
    )
    return {"model": facts["model"], "sentences": facts["sentences"] or [nothing], "how": how}


def _tables(tables: dict[str, pd.DataFrame], folder: str) -> dict:
    marks = {"batch_share": "share by batch", "is_batch": "batch"}
    return {
        "importance": table(
            "Features whose shuffling costs the score",
            f"{folder}/importance.tsv",
            tables["importance"],
            "model feature members together_with loss lower upper null_loss fits_with_it fits "
            "direction class batch_share is_batch within_batches survives because",
            {"together_with": "with", "fits_with_it": "fits with it", "survives": "finding"}
            | {"because": "why not", "within_batches": "loss within batches"}
            | {"null_loss": "loss on shuffled labels", **marks},
            note="Loss of the score on tune, mean over fits and shuffles, less and more two "
            "standard deviations of these. Features of one group are shuffled together. Direction: "
            "what higher values do to the odds of the class.",
            scores=("loss", "lower", "upper", "null_loss", "within_batches"),
            batch_share=_share,
        ),
        "shapley": table(
            "Mean absolute Shapley values",
            f"{folder}/shapley.tsv",
            tables["shapley"],
            "model feature shapley lowest highest null class direction batch_share is_batch",
            {"null": "on shuffled labels", **marks},
            note="Mean, lowest and highest of the fits. Units differ between models.",
            batch_share=_share,
        ),
        "coefficients": table(
            "Coefficients of linear models",
            f"{folder}/coefficients.tsv",
            tables["coefficients"],
            "model feature class coefficient lowest highest lower upper same_sign batch_share "
            "is_batch",
            {"same_sign": "same sign", **marks},
            note="Change of the log odds (or of the value) for one standard deviation of the "
            "feature: mean, lowest and highest of the fits; lower and upper: 95% of 20 bootstrap "
            "samples of train; same sign: share of these.",
            same_sign=_share,
            batch_share=_share,
        ),
    }


def _share(value: float) -> str:
    return "" if pd.isna(value) else f"{value:.0%}"


def _figures(importance: pd.DataFrame, found: list[dict], folder: str) -> dict[str, Figure]:
    if not len(importance):
        return {}
    metric = shown(found[0]["metric"])
    return {
        "feature_losses": Figure(
            "What shuffling features costs",
            f"{folder}/importance.tsv",
            f"Loss of {metric} on tune; features that go with the batch in grey.",
            each(importance, "model", partial(_draw, metric)),
            choice="model",
            finding=" ".join(words for one in found for words in one["sentences"]),
        )
    }


def _draw(metric: str, rows: pd.DataFrame) -> go.Figure:
    """One bar a group of features, the largest loss on top."""
    rows = rows.iloc[::-1]
    figure = empty_figure(f"loss of {metric}", "", height=120 + 22 * len(rows))
    figure.add_bar(
        x=rows["loss"],
        y=rows["feature"].astype(str),
        orientation="h",
        marker_color=[KIND_COLOURS["nuisance" if one else "network"] for one in rows["is_batch"]],
        error_x=whiskers(rows["loss"], rows["lower"], rows["upper"]),
        text=[format_score(value) for value in rows["loss"]],
        showlegend=False,
    )
    return figure
