"""Charts are well-formed, and say what they show."""

from xml.etree import ElementTree

import pytest

from benchmarks.speed.chart import HEIGHT, WIDTH, draw
from benchmarks.speed.report import Chart, Series

SVG = "{http://www.w3.org/2000/svg}"
LINES = Chart(
    "Fan-out <to> 1,000 & more",
    "deliveries a second",
    "p99, ms",
    [Series("1 worker", [(50_000.0, 12.0), (110_000.0, 850.0)]), Series("nchan", [(40_000.0, 9.0)])],
    limit=1_000.0,
    limit_name="limit: 1 s",
    is_logarithmic=True,
)
BARS = Chart("Posts", "", "posts a second", [Series("ours", [(0, 700.0), (1, 650.0)])], ["hot", "20 rooms"])
EMPTY = Chart("Nothing", "x", "y", [Series("nothing", [])])


@pytest.mark.parametrize("chart", [LINES, BARS, EMPTY])
def test_a_chart_is_well_formed_and_within_its_bounds(chart: Chart) -> None:
    root = ElementTree.fromstring(draw(chart))
    words = [element.text for element in root.iter(f"{SVG}text")]
    assert {chart.title, chart.y} <= set(words)
    assert set(chart.labels) <= set(words)
    for element in root.iter():
        for name in ("x", "x1", "x2", "cx"):
            assert 0 <= float(element.get(name, 0)) <= WIDTH
        for name in ("y", "y1", "y2", "cy"):
            assert 0 <= float(element.get(name, 0)) <= HEIGHT


def test_lines_have_both_axes_a_legend_and_the_limit() -> None:
    words = {element.text for element in ElementTree.fromstring(draw(LINES)).iter(f"{SVG}text")}
    assert {"deliveries a second", "p99, ms", "1 worker", "nchan", "limit: 1 s", "1,000"} <= words


def test_a_taller_bar_is_taller() -> None:
    heights = [
        float(bar.get("height", 0)) for bar in ElementTree.fromstring(draw(BARS)).iter(f"{SVG}rect") if bar.get("width")
    ]
    assert heights[0] > heights[1] > 0
    assert heights[0] / heights[1] == pytest.approx(700 / 650, rel=0.01)
