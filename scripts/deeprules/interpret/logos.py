"""Sequence logos as SVG."""

import io
import re

import matplotlib

matplotlib.use("Agg")
matplotlib.rcParams["svg.hashsalt"] = "deeprules"

import logomaker  # noqa: E402  (after the backend is chosen)
import matplotlib.pyplot as plt  # noqa: E402
import pandas as pd  # noqa: E402

from deeprules.interpret.motif import Motif  # noqa: E402


def draw_logo(motif: Motif) -> str:
    """The contributions of a motif's bases as an `<svg>` element."""
    table = pd.DataFrame(motif.contributions, columns=list("ACGT"))
    figure, axes = plt.subplots(figsize=(0.32 * motif.width + 0.9, 1.5))
    logomaker.Logo(table, ax=axes, color_scheme="classic", show_spines=False)
    axes.set_xticks(range(motif.width), range(1, motif.width + 1), fontsize=7)
    axes.tick_params(axis="y", labelsize=7)
    axes.set_ylabel("score", fontsize=8)
    text = io.StringIO()
    figure.savefig(text, format="svg", bbox_inches="tight", metadata={"Date": None})
    plt.close(figure)
    # Ids are made of the page's own, as several logos stand on one page.
    svg = text.getvalue()[text.getvalue().index("<svg") :]
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{motif.name}-\1"', svg)
    # What refers to an id, in `url(#...)` or `href="#..."`; a colour has a # as well.
    return re.sub(r'(url\(|href=")#', rf"\1#{motif.name}-", svg)
