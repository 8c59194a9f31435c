"""Support vector machine, linear or with an RBF kernel.

The RBF kernel is approximated from up to 1,000 training examples (Nyström method, Williams and
Seeger 2001), so that time grows linearly with the number of examples. Scores become
probabilities by Platt's method, cross-validated within the training partition.
"""

from sklearn.kernel_approximation import Nystroem
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer
from sklearn.svm import LinearSVC, LinearSVR

from deeprules.fit.representation import feature_steps, one_to_one
from deeprules.statistics.platt import Platt

MODALITIES = ("sequence", "tabular")
TASKS = ("binary", "multiclass", "regression")
KIND = "baseline"
HOLDS_EXAMPLES = True
"""A fitted one keeps training examples: whoever has it, has them."""
USES_CLASS_WEIGHTS = False
MAX_SEQUENCES = 100_000
"""Each takes some 25 kB: the kernel gives it 1,000 numbers, which the solver copies."""


def build(hp, train):
    """Pipeline of scaled features of unit length and a support vector machine."""
    steps = [*feature_steps(hp, train), Normalizer()]
    kernel = hp.Choice("kernel", ["linear", "rbf"], default="rbf")
    with hp.conditional_scope("kernel", ["rbf"]):
        if kernel == "rbf":
            gamma = hp.Float("gamma", 1e-2, 1e1, sampling="log", default=1.0)
            steps.append(one_to_one(_in_64_bits))
            steps.append(Nystroem(gamma=gamma, n_components=min(1000, len(train))))
    penalty = hp.Float("C", 1e-3, 1e2, sampling="log", default=1.0)
    if not train.dataset.is_classification:
        return make_pipeline(*steps, LinearSVR(C=penalty, max_iter=5000, dual="auto"))
    machine = LinearSVC(C=penalty, class_weight="balanced", max_iter=5000)
    return make_pipeline(*steps, Platt(machine))


def _in_64_bits(features):
    """The same numbers with 64 bits.

    With 32, the kernel's approximation differs in the sixth digit with the number of threads.
    """
    return features.astype("float64")
