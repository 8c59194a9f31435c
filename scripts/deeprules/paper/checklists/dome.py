"""DOME: the 21 fields that the registry scores (Walsh et al. 2021, doi:10.1038/s41592-021-01205-4).

The registry counts "no", "none" and "na" as missing, so every answer is a sentence.
"""

from deeprules.paper.checklists import Item

TITLE = "DOME: supervised machine learning in biology"
SOURCE = "Walsh et al. (2021), doi:10.1038/s41592-021-01205-4"
ITEMS = (
    Item("data/provenance", "Data", "Where the data come from", "sources examples"),
    Item("data/splits", "Data", "How the data were divided", "split"),
    Item(
        "data/redundancy",
        "Data",
        "How partitions were kept independent of each other",
        "left_out homologs split_stringency",
    ),
    Item(
        "data/availability",
        "Data",
        "Where the data and their partitions can be had",
        "sources kit",
        "where the data and the partitions (results/split/assignment.parquet) are deposited, and "
        "under which licence",
        beside=True,
    ),
    Item("optimization/algorithm", "Optimization", "Which algorithms were used", "models"),
    Item(
        "optimization/meta",
        "Optimization",
        "Whether the model takes predictions of other models as its input",
        "meta pretrained",
    ),
    Item(
        "optimization/encoding", "Optimization", "How data were encoded and processed", "features"
    ),
    Item("optimization/parameters", "Optimization", "How many parameters there are", "parameters"),
    Item(
        "optimization/features",
        "Optimization",
        "How many features there are, and how they were selected",
        "selection giveaways",
    ),
    Item(
        "optimization/fitting",
        "Optimization",
        "Whether the model fits too closely or not enough",
        "fitting shuffled_labels learning_curve",
    ),
    Item(
        "optimization/regularization",
        "Optimization",
        "What was done against overfitting",
        "regularisation",
    ),
    Item(
        "optimization/config",
        "Optimization",
        "Which settings were used, and where they stand",
        "search chosen training",
    ),
    Item(
        "model/interpretability",
        "Model",
        "Whether the model can be looked into",
        "interpretability nuisance_probes",
    ),
    Item("model/output", "Model", "What the model gives out", "output"),
    Item("model/duration", "Model", "How long it runs", "cost hardware"),
    Item(
        "model/availability",
        "Model",
        "Where the model and its code can be had",
        "software released",
        "where the code and the fitted model are deposited, and under which licence",
        beside=True,
    ),
    Item("evaluation/method", "Evaluation", "How the model was evaluated", "opening decided split"),
    Item("evaluation/measure", "Evaluation", "Which scores were reported", "scores confidence"),
    Item(
        "evaluation/comparison",
        "Evaluation",
        "What the model was compared with",
        "models verdict transfer",
    ),
    Item(
        "evaluation/confidence",
        "Evaluation",
        "Whether scores have intervals, and differences are significant",
        "statistics verdict",
    ),
    Item(
        "evaluation/availability",
        "Evaluation",
        "Where the raw results of the evaluation can be had",
        "kit",
        "where these files are deposited, and under which licence",
        beside=True,
    ),
)


def applies(study: dict) -> bool:
    """It is for every study."""
    return True
