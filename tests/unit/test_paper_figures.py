"""Figures of the report as vector graphics: all of them, with text that stays text."""

import re

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from matplotlib.colors import to_hex
from report_fixture import ReportFixture, but

from deeprules.errors import InputError
from deeprules.paper import kit
from deeprules.paper.vector_drawing import draw
from deeprules.paper.vector_figures import drawn_numbers, save_vector
from deeprules.report.figures import Figure, empty_figure
from deeprules.report.page import page_figures, page_sections


@pytest.fixture(scope="module")
def figures(tmp_path_factory) -> dict[str, Figure]:
    results = ReportFixture(tmp_path_factory.mktemp("run"), transfer=True).load()
    return page_figures(page_sections(results))


def test_every_figure_of_the_report_is_drawn(figures):
    for figure in figures.values():
        for drawn in list(figure.drawn.values())[:1]:
            numbers = drawn_numbers(drawn)
            panels = draw(drawn, 89).axes
            assert len(numbers) and {"x", "y"} <= set(numbers)
            assert any(one.lines or one.patches or one.collections for one in panels)


def test_a_kind_of_trace_that_is_not_known_is_an_error():
    with pytest.raises(InputError, match="pie trace cannot be drawn"):
        draw(go.Figure(go.Pie(values=[1, 2])), 89)


@pytest.fixture
def plain():
    figure = empty_figure("Gain in AUPRC", "", height=200)
    figure.add_scatter(
        x=[0.1, 0.3],
        y=["random forest", "cnn"],
        name="network",
        mode="markers",
        marker={"color": "#0b5cad", "size": 10},
        error_x={"array": [0.05, 0.1], "arrayminus": [0.02, 0.1]},
    )
    figure.add_vline(x=0.02, line={"color": "#000000", "dash": "dash"})
    return figure.update_yaxes(categoryorder="array", categoryarray=["cnn", "random forest"])


def test_text_stays_text_and_the_size_is_that_of_a_column(plain, tmp_path):
    svg, pdf = tmp_path / "a.svg", tmp_path / "a.pdf"
    save_vector(plain, 89, svg, pdf)
    text = svg.read_text()
    assert re.search(r"<text[^>]*>Gain in AUPRC</text>", text)
    width = float(re.search(r'width="([\d.]+)pt"', text)[1])
    assert width / 72 * 25.4 == pytest.approx(89, abs=0.1)
    content = pdf.read_bytes()
    assert b"/FontFile2" in content and b"/Type3" not in content
    again = tmp_path / "b.svg"
    save_vector(plain, 89, again)
    assert again.read_bytes() == svg.read_bytes()


def test_what_is_drawn_is_what_the_page_draws(plain):
    axes = draw(plain, 89).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["cnn", "random forest"]
    points = next(line for line in axes.lines if line.get_marker() == "o")
    np.testing.assert_allclose(points.get_xydata(), [[0.1, 1], [0.3, 0]])
    assert to_hex(points.get_color()) == "#0b5cad"
    numbers = drawn_numbers(plain)
    expected = {"x": [0.1, 0.3], "x_lower": [0.08, 0.2], "x_upper": [0.15, 0.4]}
    for name, values in expected.items():
        np.testing.assert_allclose(numbers[name], values)


def test_a_gap_in_a_line_of_names_is_no_name():
    figure = empty_figure("", "").add_scatter(x=[1, 2, None], y=["a", "b", None], mode="lines")
    labels = [label.get_text() for label in draw(figure, 89).axes[0].get_yticklabels()]
    assert labels == ["a", "b"]


def test_each_figure_has_its_numbers_and_two_widths(tmp_path, monkeypatch):
    results = ReportFixture(tmp_path / "run", task="regression").load()
    monkeypatch.setattr(kit, "save_vector", lambda figure, width, *paths: touch(paths))
    monkeypatch.setattr(kit, "save_components", lambda *facts: touch(facts[4:]))
    kit.write_figures(results, tmp_path / "open")
    text = (tmp_path / "open/figures.md").read_text()
    named = re.findall(r"`([\w/]+)\.tsv`", text)
    written = {
        str(path.relative_to(tmp_path / "open")) for path in (tmp_path / "open").rglob("*.*")
    }
    endings = [".tsv", *(f"_{w}mm.{kind}" for w in (89, 183) for kind in ("svg", "pdf"))]
    assert written == {f"{stem}{end}" for stem in named for end in endings} | {"figures.md"}
    assert {"predicted/predicted_1", "pca/pca_1"} <= set(named)
    assert len(pd.read_csv(tmp_path / "open/pca/pca_1.tsv", sep="\t")) == len(results.pca)
    config = results.config | {"data": results.config["data"] | {"sensitivity": "controlled"}}
    kit.write_figures(but(results, config=config), tmp_path / "closed")
    closed = {path.name for path in (tmp_path / "closed").iterdir()}
    assert "scores" in closed and not {"pca", "predicted"} & closed


def touch(paths):
    for path in paths:
        path.touch()
