"""REFORMS: 32 items in 8 modules (Kapoor et al. 2024, doi:10.1126/sciadv.adk3452, table 1)."""

from deeprules.paper.checklists import Item

TITLE = "REFORMS: science that is based on machine learning"
SOURCE = "Kapoor et al. (2024), doi:10.1126/sciadv.adk3452"
DESIGN = "1. Study design"
CODE = "2. Computational reproducibility"
QUALITY = "3. Data quality"
PREPARATION = "4. Data preprocessing"
MODELS = "5. Modeling"
LEAKAGE = "6. Data leakage"
METRICS = "7. Metrics and uncertainty"
LIMITS = "8. Generalizability and limitations"
ITEMS = (
    Item(
        "1a",
        DESIGN,
        "Population or distribution about which the claim is made",
        "question",
        "the population or distribution (organisms, tissues, sites, time) that the claim is about",
        beside=True,
    ),
    Item("1b", DESIGN, "Motivation for choosing this population or distribution"),
    Item(
        "1c",
        DESIGN,
        "Motivation for the use of machine learning",
        "verdict",
        "why machine learning was used for this question",
        beside=True,
    ),
    Item("2a", CODE, "Data set, with a link or DOI that identifies it", "sources"),
    Item(
        "2b", CODE, "Code, with a link or DOI that identifies its version", "software availability"
    ),
    Item("2c", CODE, "Computing infrastructure", "hardware software cost"),
    Item("2d", CODE, "README with instructions to make the results", "readme"),
    Item("2e", CODE, "Script that makes all results", "reproduction determinism seeds"),
    Item(
        "3a",
        QUALITY,
        "Sources of the data, when they were collected, and how they were annotated",
        "sources question",
        "when the samples were collected, and who annotated the labels by which process",
        beside=True,
    ),
    Item("3b", QUALITY, "Set from which the data were sampled (the sampling frame)"),
    Item("3c", QUALITY, "Why the data suit the task"),
    Item("3d", QUALITY, "The outcome, its definition and distribution", "question examples"),
    Item("3e", QUALITY, "Sample size and frequencies of outcomes", "examples split"),
    Item("3f", QUALITY, "Share of missing data, by class", "missing"),
    Item("3g", QUALITY, "Why the sampling frame represents the population of the claim"),
    Item("4a", PREPARATION, "Whether examples were left out, and why", "left_out"),
    Item("4b", PREPARATION, "How impossible or corrupt examples were treated", "corrupt"),
    Item(
        "4c", PREPARATION, "All transformations from the raw data to the input", "features missing"
    ),
    Item(
        "5a", MODELS, "All models: features, types, losses", "models features training pretrained"
    ),
    Item("5b", MODELS, "Why these types of models", "model_choice"),
    Item("5c", MODELS, "How models were evaluated", "split opening"),
    Item("5d", MODELS, "How the reported models were selected", "search chosen"),
    Item("5e", MODELS, "Tuning of hyperparameters", "search chosen"),
    Item("5f", MODELS, "Why the baselines are the right ones", "model_choice baselines"),
    Item(
        "6a", LEAKAGE, "Preprocessing and modeling use the training data alone", "development_only"
    ),
    Item(
        "6b",
        LEAKAGE,
        "Dependencies and duplicates across partitions",
        "left_out split homologs split_stringency left_out_batches",
    ),
    Item(
        "6c",
        LEAKAGE,
        "Each input is legitimate for the task",
        "giveaways batches nuisance_probes",
        "why each input would be known when the model is used",
        beside=True,
    ),
    Item("7a", METRICS, "All scores, and why they suit the task", "scores metric_choice"),
    Item("7b", METRICS, "Uncertainty, and how it was estimated", "statistics seeds"),
    Item("7c", METRICS, "Why these statistical tests, and whether their assumptions hold", "tests"),
    Item(
        "8a",
        LIMITS,
        "Evidence of external validity",
        "left_out_batches split_stringency slices",
        "whether the model was tried on data of another origin",
        beside=True,
    ),
    Item(
        "8b",
        LIMITS,
        "Contexts in which the findings are not expected to hold",
        "limits cautions",
        "in which further contexts the findings are not expected to hold",
        beside=True,
    ),
)


def applies(study: dict) -> bool:
    """It is for every study."""
    return True
