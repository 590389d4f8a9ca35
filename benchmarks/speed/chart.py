"""Charts as SVG, drawn by hand: no dependency, and readable on a light page and on a dark one."""

import math
from html import escape

from benchmarks.speed.report import Chart
from benchmarks.speed.table import number

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 84, 24, 56, 92
PLOT_WIDTH, PLOT_HEIGHT = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
FLOOR = TOP + PLOT_HEIGHT
# Told apart by people who see colours differently (Okabe and Ito), and visible on white and on black.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6bb1", "#999999")
INK, GRID = "#767676", "#76767640"
STYLE = f"text{{font:13px system-ui,sans-serif;fill:{INK}}}.title{{font-size:16px;font-weight:600}}"
DASHED = f'stroke="{INK}" stroke-width="1.5" stroke-dasharray="6 4"'
# Between groups of bars.
GAP_SHARE = 0.3
# A line of more points than this shows its shape without dots.
MAX_DOTS = 30


class Scale:
    """From values to pixels, with round ticks. A logarithmic one has a tick at each power of ten."""

    def __init__(self, values: list[float], pixels: float, *, is_logarithmic: bool = False) -> None:
        self._pixels = pixels
        self._is_logarithmic = is_logarithmic
        most = max(values, default=1.0)
        if is_logarithmic:
            first = math.floor(math.log10(min((value for value in values if value > 0), default=1.0)))
            last = math.ceil(math.log10(max(most, 10.0**first * 1.001)))
            self.ticks = [10.0**power for power in range(first, last + 1)]
        else:
            step = round_step(max(most, 1e-9) / 5)
            self.ticks = [step * index for index in range(max(1, math.ceil(most / step - 1e-9)) + 1)]

    def at(self, value: float) -> float:
        low, high = self.ticks[0], self.ticks[-1]
        if self._is_logarithmic:
            return self._pixels * math.log(max(value, low) / low) / math.log(high / low)
        return self._pixels * (value - low) / (high - low)


def round_step(least: float) -> float:
    """The next 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least * (1 - 1e-9))


def draw(chart: Chart) -> str:
    """The SVG of a chart."""
    body = [text(LEFT, 24, chart.title, kind="title"), *legend(chart), *(bars if chart.labels else lines)(chart)]
    place = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {place} role="img" aria-label="{escape(chart.title)}">'
    return "\n".join([f"{head}<style>{STYLE}</style>", *body, "</svg>\n"])


def lines(chart: Chart) -> list[str]:
    points = [point for series in chart.series for point in series.points]
    across = Scale([x for x, _ in points], PLOT_WIDTH)
    limits = [] if chart.limit is None else [chart.limit]
    up = Scale([y for _, y in points] + limits, PLOT_HEIGHT, is_logarithmic=chart.is_logarithmic)
    drawn = y_axis(chart, up)
    for tick in across.ticks:
        x = LEFT + across.at(tick)
        drawn += [line(x, TOP, x, FLOOR), text(x, FLOOR + 20, number(tick), "middle")]
    drawn.append(text(LEFT + PLOT_WIDTH / 2, FLOOR + 44, chart.x, "middle"))
    for index, series in enumerate(chart.series):
        colour = COLOURS[index % len(COLOURS)]
        places = [(LEFT + across.at(x), FLOOR - up.at(y)) for x, y in series.points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
        if len(places) <= MAX_DOTS:
            drawn += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in places]
    return drawn


def bars(chart: Chart) -> list[str]:
    up = Scale([y for series in chart.series for _, y in series.points] or [1.0], PLOT_HEIGHT)
    drawn = y_axis(chart, up)
    group = PLOT_WIDTH / len(chart.labels)
    width = group * (1 - GAP_SHARE) / len(chart.series)
    for number_of_group, label in enumerate(chart.labels):
        drawn.append(text(LEFT + group * (number_of_group + 0.5), FLOOR + 20, label, "middle"))
    for index, series in enumerate(chart.series):
        colour = COLOURS[index % len(COLOURS)]
        for place, value in series.points:
            x, height = LEFT + group * (place + GAP_SHARE / 2) + width * index, up.at(value)
            size = f'width="{width * 0.94:.1f}" height="{height:.1f}"'
            drawn.append(f'<rect x="{x:.1f}" y="{FLOOR - height:.1f}" {size} fill="{colour}"/>')
            drawn.append(text(x + width * 0.47, FLOOR - height - 5, number(value), "middle"))
    return drawn


def y_axis(chart: Chart, up: Scale) -> list[str]:
    drawn = []
    for tick in up.ticks:
        y = FLOOR - up.at(tick)
        drawn += [line(LEFT, y, LEFT + PLOT_WIDTH, y), text(LEFT - 8, y + 4, number(tick), "end")]
    middle = TOP + PLOT_HEIGHT / 2
    drawn.append(text(18, middle, chart.y, "middle", turn=f'transform="rotate(-90 18 {middle:.0f})"'))
    if chart.limit is not None:
        y = FLOOR - up.at(chart.limit)
        drawn.append(line(LEFT, y, LEFT + PLOT_WIDTH, y, DASHED))
        drawn.append(text(LEFT + PLOT_WIDTH, y - 5, chart.limit_name, "end"))
    return drawn


def legend(chart: Chart) -> list[str]:
    if len(chart.series) == 1 and chart.labels:
        return []
    drawn: list[str] = []
    x, y = float(LEFT), float(HEIGHT - 22)
    for index, series in enumerate(chart.series):
        width = 34 + 7.2 * len(series.name)
        if x + width > WIDTH - RIGHT and x > LEFT:
            x, y = float(LEFT), y + 18
        drawn.append(
            f'<rect x="{x:.0f}" y="{y - 10:.0f}" width="12" height="12" fill="{COLOURS[index % len(COLOURS)]}"/>'
        )
        drawn.append(text(x + 18, y, series.name))
        x += width
    return drawn


def line(x1: float, y1: float, x2: float, y2: float, style: str = f'stroke="{GRID}"') -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" {style}/>'


def text(x: float, y: float, words: str, anchor: str = "start", *, kind: str = "", turn: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}" {turn}>{escape(words)}</text>'
