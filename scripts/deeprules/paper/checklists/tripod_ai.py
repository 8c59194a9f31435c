"""TRIPOD+AI: 52 items on prediction models for patients (Collins et al. 2024, BMJ 385:e078378)."""

from deeprules.paper.checklists import Item

TITLE = "TRIPOD+AI: prediction models for patients"
SOURCE = "Collins et al. (2024), doi:10.1136/bmj-2023-078378"
HEAD = "Title and abstract"
INTRODUCTION = "Introduction"
METHODS = "Methods"
OPEN = "Open science"
INVOLVED = "Patient and public involvement"
RESULTS = "Results"
DISCUSSION = "Discussion"
ITEMS = (
    Item("1", HEAD, "Title that names model, population and outcome"),
    Item("2", HEAD, "Abstract by TRIPOD+AI for Abstracts"),
    Item(
        "3a", INTRODUCTION, "Healthcare context and rationale, with references to existing models"
    ),
    Item("3b", INTRODUCTION, "Target population, intended purpose and intended users"),
    Item("3c", INTRODUCTION, "Known health inequalities between groups"),
    Item("4", INTRODUCTION, "Objectives: development or evaluation", "question"),
    Item("5a", METHODS, "Sources of data for development and evaluation", "sources examples split"),
    Item("5b", METHODS, "Dates of collection: start, end of accrual and of follow-up"),
    Item("6a", METHODS, "Setting of the study, number and location of centres"),
    Item(
        "6b",
        METHODS,
        "Eligibility criteria",
        "left_out",
        "by which criteria participants were eligible",
        beside=True,
    ),
    Item("6c", METHODS, "Treatments received, and how they were handled"),
    Item("7", METHODS, "Preparation and quality of the data", "left_out features batches"),
    Item(
        "8a",
        METHODS,
        "Outcome, its time horizon and assessment",
        "question",
        "how and when the outcome was assessed, and whether that was the same in all groups",
        beside=True,
    ),
    Item("8b", METHODS, "Qualifications of those who assessed the outcome"),
    Item("8c", METHODS, "Blinding of the assessment of the outcome"),
    Item("9a", METHODS, "Choice of the initial predictors", "selection giveaways"),
    Item(
        "9b",
        METHODS,
        "Definition of all predictors and how they were measured",
        "features",
        "how and when the predictors were measured",
        beside=True,
    ),
    Item("9c", METHODS, "Qualifications of those who assessed predictors"),
    Item("10", METHODS, "How the sample size was arrived at", "examples split learning_curve"),
    Item("11", METHODS, "How missing data were handled", "missing"),
    Item("12a", METHODS, "How data were partitioned, and for what", "split"),
    Item("12b", METHODS, "How predictors were handled", "features"),
    Item(
        "12c",
        METHODS,
        "Type of model, steps of building, tuning and internal validation",
        "models search training regularisation pretrained checks",
    ),
    Item(
        "12d", METHODS, "Heterogeneity across clusters", "batches left_out_batches split_stringency"
    ),
    Item(
        "12e",
        METHODS,
        "Measures of performance, and comparison of models",
        "scores statistics tests",
    ),
    Item("12f", METHODS, "Updating of the model", "no_updating"),
    Item("12g", METHODS, "How predictions were calculated for the evaluation", "output"),
    Item("13", METHODS, "Class imbalance and how it was handled", "imbalance"),
    Item(
        "14",
        METHODS,
        "Approaches to fairness",
        "subgroups",
        "what was done for fairness, and why",
        beside=True,
    ),
    Item("15", METHODS, "Output of the model and how thresholds were chosen", "output"),
    Item("16", METHODS, "Differences between development and evaluation data", "split slices"),
    Item(
        "17",
        METHODS,
        "Ethical approval and consent",
        "ethics",
        "who approved the study and how participants consented",
        beside=True,
    ),
    Item("18a", OPEN, "Funding and the role of funders"),
    Item("18b", OPEN, "Conflicts of interest"),
    Item("18c", OPEN, "Where the protocol can be had", "decided"),
    Item("18d", OPEN, "Registration of the study"),
    Item("18e", OPEN, "Sharing of the data"),
    Item("18f", OPEN, "Sharing of the code", "software availability"),
    Item("19", INVOLVED, "Involvement of patients and the public"),
    Item(
        "20a",
        RESULTS,
        "Flow of participants, with and without the outcome",
        "examples left_out split",
        "the flow of participants before these data, and times of follow-up",
        beside=True,
    ),
    Item("20b", RESULTS, "Characteristics overall and by setting, with missing data"),
    Item("20c", RESULTS, "Development and evaluation data compared in their predictors", "slices"),
    Item("21", RESULTS, "Numbers of participants and outcome events in each analysis", "split"),
    Item("22", RESULTS, "Full model, so that it can be used", "chosen parameters kit"),
    Item(
        "23a",
        RESULTS,
        "Performance with intervals, also in subgroups",
        "scores subgroups slices confidence",
    ),
    Item("23b", RESULTS, "Heterogeneity of performance across clusters", "left_out_batches slices"),
    Item("24", RESULTS, "Results of updating", "no_updating"),
    Item(
        "25",
        DISCUSSION,
        "Interpretation of the main results",
        "verdict cautions transfer",
        "what this means with regard to fairness and earlier studies",
        beside=True,
    ),
    Item(
        "26",
        DISCUSSION,
        "Limitations",
        "limits cautions",
        "limitations by how participants were sampled",
        beside=True,
    ),
    Item("27a", DISCUSSION, "How poor or missing input is handled when the model is used"),
    Item("27b", DISCUSSION, "What users have to do with input and output"),
    Item(
        "27c",
        DISCUSSION,
        "Next steps for research, and applicability",
        "next_steps",
        "in whom the model may be used next",
        beside=True,
    ),
)


def applies(study: dict) -> bool:
    """It is for studies about patients, as the study says of itself."""
    return bool(study.get("patients"))
