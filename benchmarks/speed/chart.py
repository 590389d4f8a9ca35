"""Charts as SVG, drawn by hand: no dependency, and readable on a light page and on a dark one."""

import math
from html import escape

from benchmarks.speed.report import Chart
from benchmarks.speed.table import number

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 84, 24, 56, 92
PLOT_WIDTH, PLOT_HEIGHT = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
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
        if is_logarithmic:
            least = min((value for value in values if value > 0), default=1.0)
            self._low = 10.0 ** math.floor(math.log10(least))
            self._high = 10.0 ** math.ceil(math.log10(max(max(values, default=1.0), self._low * 1.001)))
            powers = range(round(math.log10(self._low)), round(math.log10(self._high)) + 1)
            self.ticks = [10.0**power for power in powers]
        else:
            step = round_step(max(max(values, default=1.0), 1e-9) / 5)
            count = max(1, math.ceil(max(values, default=1.0) / step - 1e-9))
            self._low, self._high = 0.0, step * count
            self.ticks = [step * index for index in range(count + 1)]

    def at(self, value: float) -> float:
        if self._is_logarithmic:
            value = max(value, self._low)
            return self._pixels * math.log(value / self._low) / math.log(self._high / self._low)
        return self._pixels * (value - self._low) / (self._high - self._low)


def round_step(least: float) -> float:
    """The next 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least * (1 - 1e-9))


def draw(chart: Chart) -> str:
    """The SVG of a chart."""
    body = bars(chart) if chart.labels else lines(chart)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'role="img" aria-label="{escape(chart.title)}"><style>{STYLE}</style>\n'
        + "\n".join([text(LEFT, 24, chart.title, kind="title"), *legend(chart), *body])
        + "\n</svg>\n"
    )


def lines(chart: Chart) -> list[str]:
    points = [point for series in chart.series for point in series.points]
    across = Scale([x for x, _ in points], PLOT_WIDTH)
    limits = [] if chart.limit is None else [chart.limit]
    up = Scale([y for _, y in points] + limits, PLOT_HEIGHT, is_logarithmic=chart.is_logarithmic)
    drawn = [*y_axis(chart, up)]
    for tick in across.ticks:
        x = LEFT + across.at(tick)
        drawn += [line(x, TOP, x, TOP + PLOT_HEIGHT), text(x, TOP + PLOT_HEIGHT + 20, number(tick), "middle")]
    drawn.append(text(LEFT + PLOT_WIDTH / 2, TOP + PLOT_HEIGHT + 44, chart.x, "middle"))
    for index, series in enumerate(chart.series):
        colour = COLOURS[index % len(COLOURS)]
        places = [(LEFT + across.at(x), TOP + PLOT_HEIGHT - up.at(y)) for x, y in series.points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
        if len(places) <= MAX_DOTS:
            drawn += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in places]
    return drawn


def bars(chart: Chart) -> list[str]:
    up = Scale([y for series in chart.series for _, y in series.points] or [1.0], PLOT_HEIGHT)
    drawn = [*y_axis(chart, up)]
    group = PLOT_WIDTH / len(chart.labels)
    width = group * (1 - GAP_SHARE) / len(chart.series)
    for place, label in enumerate(chart.labels):
        drawn.append(text(LEFT + group * (place + 0.5), TOP + PLOT_HEIGHT + 20, label, "middle"))
    for index, series in enumerate(chart.series):
        for group_number, value in series.points:
            x = LEFT + group * (group_number + GAP_SHARE / 2) + width * index
            height = up.at(value)
            top = TOP + PLOT_HEIGHT - height
            colour = COLOURS[index % len(COLOURS)]
            drawn.append(
                f'<rect x="{x:.1f}" y="{top:.1f}" width="{width * 0.94:.1f}" height="{height:.1f}" fill="{colour}"/>'
            )
            drawn.append(text(x + width * 0.47, top - 5, number(value), "middle"))
    return drawn


def y_axis(chart: Chart, up: Scale) -> list[str]:
    drawn = []
    for tick in up.ticks:
        y = TOP + PLOT_HEIGHT - up.at(tick)
        drawn += [line(LEFT, y, LEFT + PLOT_WIDTH, y), text(LEFT - 8, y + 4, number(tick), "end")]
    middle = TOP + PLOT_HEIGHT / 2
    drawn.append(text(18, middle, chart.y, "middle", turn=f'transform="rotate(-90 18 {middle:.0f})"'))
    if chart.limit is not None:
        y = TOP + PLOT_HEIGHT - up.at(chart.limit)
        drawn.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{LEFT + PLOT_WIDTH}" y2="{y:.1f}" {DASHED}/>')
        drawn.append(text(LEFT + PLOT_WIDTH, y - 5, chart.limit_name, "end"))
    return drawn


def legend(chart: Chart) -> list[str]:
    if len(chart.series) == 1 and chart.labels:
        return []
    drawn: list[str] = []
    x, y = float(LEFT), HEIGHT - 22
    for index, series in enumerate(chart.series):
        width = 34 + 7.2 * len(series.name)
        if x + width > WIDTH - RIGHT and x > LEFT:
            x, y = float(LEFT), y + 18
        drawn.append(f'<rect x="{x:.0f}" y="{y - 10}" width="12" height="12" fill="{COLOURS[index % len(COLOURS)]}"/>')
        drawn.append(text(x + 18, y, series.name))
        x += width
    return drawn


def line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{GRID}"/>'


def text(x: float, y: float, words: str, anchor: str = "start", *, kind: str = "", turn: str = "") -> str:
    styled = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{styled} {turn}>{escape(words)}</text>'
