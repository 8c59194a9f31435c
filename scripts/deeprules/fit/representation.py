"""What a baseline sees of an example: the first steps of its scikit-learn pipeline.

Everything here is fitted as part of the pipeline, and so on the training partition alone.
"""

from sklearn.feature_selection import SelectKBest, VarianceThreshold, f_classif, f_regression
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from deeprules.data import Partition
from deeprules.fit.kmers import KmerCounts


def feature_steps(
    hp, train: Partition, *, kmers=(3, 4, 5, 6), scale: bool = True, dense: bool = False
) -> list:
    """Pipeline steps from an example's features to numbers.

    Sequences become k-mer counts, with `kmer` (one of `kmers`) and `fold_strands` as
    hyperparameters. Rows of a matrix get missing values filled with the median, constant
    features dropped and, where there are more than 1,000 features, the `selected_features`
    (0: all) with the highest F statistic kept. `scale` brings all features to one variance;
    `dense` makes the result a dense array.
    """
    if train.dataset.modality == "sequence":
        longest = [k for k in kmers if k <= train.dataset.n_features] or [1]
        steps = [
            KmerCounts(
                hp.Choice("kmer", longest, default=longest[len(longest) // 2]),
                hp.Boolean("fold_strands"),
            )
        ]
        steps += [StandardScaler(with_mean=False)] if scale else []
        return steps + ([FunctionTransformer(_to_dense)] if dense else [])
    steps = [SimpleImputer(strategy="median", keep_empty_features=True), VarianceThreshold()]
    if train.dataset.n_features > 1000:
        selected = hp.Choice("selected_features", [0, 1000, 200])
        score = f_classif if train.dataset.is_classification else f_regression
        steps += [SelectKBest(score, k=selected)] if selected else []
    return steps + ([StandardScaler()] if scale else [])


def _to_dense(matrix):
    """A dense array from a sparse matrix."""
    return matrix.toarray()
