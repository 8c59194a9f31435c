"""Linear regression with an L2 penalty, of squared errors or with Huber's loss.

Huber's loss (Huber 1964) is linear for errors above 1.35 of their own scale, which is fitted too
(Owen 2007), so that a few labels far out do not lead the fit.
"""

from sklearn.linear_model import HuberRegressor, Ridge
from sklearn.pipeline import make_pipeline

from deeprules.fit.representation import feature_steps

MODALITIES = ("sequence", "tabular")
TASKS = ("regression",)
KIND = "baseline"


def build(hp, train):
    """Pipeline of scaled features and ridge regression."""
    steps = feature_steps(hp, train)
    penalty = hp.Float("alpha", 1e-2, 1e5, sampling="log", default=100.0)
    if hp.Choice("loss", ["mean_squared_error", "huber"]) == "huber":
        return make_pipeline(*steps, HuberRegressor(alpha=penalty, max_iter=1000))
    return make_pipeline(*steps, Ridge(alpha=penalty))
