"""What a design asks for, the share of verdicts that agree with it, and the figure of both."""

import numpy as np
import pandas as pd
import pytest

from deeprules.explore.explore_figures import save_figure
from deeprules.simulate.expected_verdicts import VERDICTS, expected_verdict, summarise_cells
from deeprules.simulate.simulated_study_figure import STYLES, draw_study

DESIGN = {
    "truth": "grammar",
    "decoys": 1,
    "label_noise": 0,
    "batch_confounding": 0,
    "motif_information": 2,
    "motif_length": 6,
}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "network"),
        ({"motif_information": 0.8, "label_noise": 0.3}, "network"),
        ({"batch_confounding": 0.9}, "network"),
        ({"decoys": 0}, "open"),
        ({"batch_confounding": 1}, "withheld"),
        ({"label_noise": 0.5}, "withheld"),
        ({"truth": "none"}, "withheld"),
        ({"truth": "batch", "batch_confounding": 0.4}, "withheld"),
        ({"truth": "additive"}, "baseline"),
        ({"truth": "additive", "motif_information": 1.2}, "open"),
        ({"truth": "additive", "motif_length": 8}, "open"),
    ],
)
def test_the_design_alone_says_which_verdict_is_right(changes, expected):
    assert expected_verdict(DESIGN | changes) == expected


def repeats(cell, expected, verdicts, n=100, gains=None):
    """Rows of one cell, a verdict each."""
    gains = [0.1] * len(verdicts) if gains is None else gains
    return pd.DataFrame(
        {
            "cell": f"{cell}_n{n}",
            "condition": cell,
            "repeat": range(1, len(verdicts) + 1),
            "n": n,
            "truth": "grammar",
            "expected": expected,
            "verdict": verdicts,
            "gain": gains,
            "lower": [gain - 0.02 for gain in gains],
            "upper": [gain + 0.05 for gain in gains],
            "metric": "auprc",
            "minimum_gain": 0.02,
            "network_score": 0.9,
            "baseline_score": 0.8,
            "nuisance_score": 0.6,
            "confounded": [True] + [False] * (len(verdicts) - 1),
        }
    )


def test_agreement_is_the_share_of_verdicts_that_the_design_asks_for():
    table = pd.concat(
        [
            repeats("spaced", "network", ["network", "no_difference", "network", "withheld"]),
            repeats("spaced", "network", ["network"] * 2, n=900, gains=[0.1, 0.3]),
            repeats("additive", "baseline", ["baseline", "no_difference"]),
            repeats("noise", "withheld", ["withheld", "network"]),
            repeats("weak", "open", ["network", "baseline"]),
        ]
    )
    found = summarise_cells(table).set_index("cell")
    assert found["agreement"].drop("weak_n100").tolist() == [0.5, 1, 1, 0.5]
    assert np.isnan(found.loc["weak_n100", "agreement"])
    assert found.loc["spaced_n100", list(VERDICTS)].tolist() == [2, 0, 1, 1]
    assert found.loc["spaced_n900", "gain"] == pytest.approx(0.2)
    assert found.loc["spaced_n900", "upper"] == pytest.approx(0.25)
    assert (found["confounded"] == 1).all()


def test_the_figure_has_a_panel_a_condition_and_a_point_a_repeat(tmp_path):
    table = pd.concat(
        [
            repeats("spaced", "network", ["network", "withheld"], gains=[0.3, 0.1]),
            repeats("spaced", "network", ["network"], n=900).assign(lower=0.2, upper=0.3),
            *(repeats(name, "open", ["baseline"]) for name in ("a", "b", "c")),
        ]
    )
    figure = draw_study(table)
    drawn = [axes for axes in figure.axes if axes.axison]
    assert [axes.get_title(loc="left").split("\n")[0] for axes in drawn] == list(
        ("Spaced", "A", "B", "C")
    )
    points = [
        {line.get_label(): line for line in axes.lines if line.get_label() in STYLES}
        for axes in drawn
    ]
    assert [sum(len(one.get_xdata()) for one in lines.values()) for lines in points] == [3, 1, 1, 1]
    withheld = points[0]["withheld"]
    assert (
        list(withheld.get_ydata()) == [0.1]
        and withheld.get_markerfacecolor() == STYLES["withheld"]["markerfacecolor"]
    )
    save_figure(figure, tmp_path / "a.svg")
    save_figure(draw_study(table), tmp_path / "b.svg")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
