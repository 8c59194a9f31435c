"""Exploration of development data: principal components and batch statistics."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from deeprules.cautions import Caution, as_records
from deeprules.data import Dataset, Partition
from deeprules.explore.batch_effects import Prediction, component_association, predict_category
from deeprules.explore.correction import correction_table, sentence, warnings_of
from deeprules.explore.principal_components import Components, principal_components
from deeprules.feature_store import SparseRows, stack
from deeprules.statistics.association import SIGNIFICANCE, Association, batch_label_association

MAX_LEVELS = 20
"""Groups up to which they are drawn and tested like a covariate."""

LARGE_SHARE = 0.25
"""Share of a component's variance explained by batch that is worth a warning."""

WEAK = 0.1
"""Gain over chance, relative to the best possible gain, up to which batch is not predictable."""


@dataclass(frozen=True)
class Exploration:
    """The tables and the summary of results/explore."""

    scores: pd.DataFrame
    scree: pd.DataFrame
    association: pd.DataFrame
    batch_prediction: pd.DataFrame
    batch_correction: pd.DataFrame
    summary: dict


def explore(train: Partition, tune: Partition, settings: Mapping, seed: int) -> Exploration:
    """Look for batch effects in development data.

    Parameters
    ----------
    train, tune : the development partitions
    settings : `explore` of the resolved configuration
    seed : seed of the sample, the components and the permutations
    """
    dataset, rng = train.dataset, np.random.default_rng(seed)
    features, examples = _sample([train, tune], settings["max_examples"], rng)
    components = principal_components(
        features,
        dataset.modality,
        settings["kmer"],
        settings["components"],
        seed,
        dataset.both_strands,
    )
    scores = pd.DataFrame(components.scores, columns=components.names)
    covariates = examples[covariate_names(examples, dataset)]
    groups = examples["group"] if dataset.has_group else None
    association = component_association(scores, covariates, groups, settings["permutations"], rng)
    prediction = None
    if dataset.has_batch:
        prediction = predict_category(
            components.scores, examples["batch"], groups, settings["permutations"], seed
        )
    corrected = correction_table(train, tune, settings, seed)
    design = _design([train, tune], dataset)
    summary = _summary(components, association, prediction, design, dataset)
    summary["warnings"] += warnings_of(corrected)
    facts = ["id", *dataset.label_columns]
    facts += [name for name in ("group", "batch") if name in examples]
    return Exploration(
        scores=pd.concat([examples[[*facts, *dataset.covariates]], scores], axis=1),
        scree=components.scree,
        association=association,
        batch_prediction=_prediction_table(prediction),
        batch_correction=corrected,
        summary=summary
        | {"sampled": len(examples), "of": len(train) + len(tune)}
        | {"batch_correction": sentence(corrected)},
    )


def covariate_names(examples: pd.DataFrame, dataset: Dataset) -> list[str]:
    """Columns to test against the components: labels, batch, covariates and, if few, groups."""
    names = [*(dataset.label_columns[1:] or ["label"]), *dataset.metadata]
    few = dataset.has_group and examples["group"].nunique() <= MAX_LEVELS
    return [*names, "group"] if few else names


def _sample(
    partitions: list[Partition], most: int, rng: np.random.Generator
) -> tuple[np.ndarray | SparseRows, pd.DataFrame]:
    """Features and table of up to `most` examples drawn at random, in their order."""
    sizes = [len(partition) for partition in partitions]
    rows = np.sort(rng.permutation(sum(sizes))[:most])
    parts = [
        partition.subset(rows[(rows >= start) & (rows < start + size)] - start)
        for partition, size, start in zip(
            partitions, sizes, np.cumsum([0, *sizes[:-1]]), strict=True
        )
    ]
    return (
        stack([part.features for part in parts]),
        pd.concat([part.examples for part in parts], ignore_index=True),
    )


def _design(partitions: list[Partition], dataset: Dataset) -> Association | None:
    """Association of batch and a single label over all development data."""
    if not dataset.has_batch or dataset.has_several_labels:
        return None  # of several labels, the audit tells for each
    columns = pd.concat([part.examples[["label", "batch"]] for part in partitions])
    columns = columns.reset_index(drop=True)
    return batch_label_association(columns["label"], columns["batch"], dataset.is_classification)


def _prediction_table(prediction: Prediction | None) -> pd.DataFrame:
    """One row for batch, or none where there is nothing to predict."""
    columns = ["target", "balanced_accuracy", "chance", "p_value", "n_folds"]
    rows = [{"target": "batch", **asdict(prediction)}] if prediction else []
    return pd.DataFrame(rows, columns=columns)


def _is_predictable(prediction: Prediction | None) -> bool:
    """Whether batch is predicted better than by chance, and by more than a trifle."""
    if prediction is None:
        return False
    gain = (prediction.balanced_accuracy - prediction.chance) / (1 - prediction.chance)
    return prediction.p_value <= SIGNIFICANCE and gain > WEAK


def _summary(
    components: Components,
    association: pd.DataFrame,
    prediction: Prediction | None,
    design: Association | None,
    dataset: Dataset,
) -> dict:
    """The findings, their warnings and cautions."""
    cautions = []
    if design and design.confounded:
        title = "Batch and label are confounded"
        cautions.append(Caution(title, f"{design.sentence()}.", tip=4))
    warnings = [caution.sentence for caution in cautions]
    warnings += _batch_components(components, association)
    if _is_predictable(prediction):
        warnings.append(
            f"Batch can be predicted from the first {len(components.shares)} principal components: "
            f"balanced accuracy {prediction.balanced_accuracy:.2f} against "
            f"{prediction.chance:.2f} by chance (p = {prediction.p_value:.2g})."
        )
    if dataset.has_batch and prediction is None:
        warnings.append(
            "Whether batch can be predicted is not known: fewer than two batches have two "
            "examples (or groups) in the development data."
        )
    is_cramers_v = design is not None and design.measure == "cramers_v"
    return {
        "batch_label_cramers_v": design.value if is_cramers_v else None,
        "batch_label": design.facts if design else None,
        "batch_predictable": _is_predictable(prediction),
        "confounded": design is not None and design.confounded,
        "warnings": warnings,
        "cautions": as_records(cautions),
    }


def _batch_components(components: Components, association: pd.DataFrame) -> list[str]:
    """A warning that names the components that go with batch, beside what the label explains."""
    shares = association.pivot(index="component", columns="covariate", values="variance_share")
    batch = association[association["covariate"] == "batch"]
    large = batch["component"][
        (batch["variance_share"] >= LARGE_SHARE) & (batch["p_value"] <= SIGNIFICANCE)
    ]
    of_all = dict(zip(components.names, components.shares, strict=True))
    return [
        f"Batch explains {shares.loc[name, 'batch']:.0%} of {name}"
        + (f" (the label {shares.loc[name, 'label']:.0%})" if "label" in shares else "")
        + f", which holds {of_all[name]:.0%} of the variance."
        for name in large
    ]
