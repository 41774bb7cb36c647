"""Line charts as SVG and PNG: panels side by side, every line named at its end.

Readable without colour: each line has a marker and a dash of its own. The colours are those of Okabe
and Ito, which colour-blind people can tell apart. The ground is white, whatever is around it.
"""
import dataclasses
import html
import math
import subprocess

FONT = 13
LINE = 17  # least distance between two names
PLOT_HEIGHT = 340
TOP, BOTTOM, LEFT = 64, 52, 58
INK, FAINT = "#222222", "#dddddd"

STYLES = {  # colour, marker; the largest marker first, so that those drawn later do not hide it
    "process": ("#CC79A7", "diamond"),
    "batch": ("#E69F00", "triangle"),
    "pool": ("#009E73", "square"),
    "sequential": ("#000000", "circle"),
    "loop": ("#0072B2", "disc"),
}


@dataclasses.dataclass
class Line:
    name: str
    kind: str  # one of STYLES
    points: list  # of (x, y), in the order of x
    dashed: bool = False


@dataclasses.dataclass
class Panel:
    title: str
    x_label: str
    y_label: str
    lines: list
    log_x: bool = False
    log_y: bool = False
    x_ticks: list = None
    width: int = 420
    names: int = 190  # room for the names


def number(value):
    return f"{value:,.10g}"


class Scale:
    """Values to pixels, with the ticks that fit."""

    def __init__(self, values, begin, end, log, ticks=None):
        self.log, self.begin, self.end = log, begin, end
        low, high = min(values), max(values)
        if log:
            self.ticks = round_values(low, high)
            self.low, self.high = math.log10(self.ticks[0]), math.log10(self.ticks[-1])
        elif ticks:
            self.low, self.high, self.ticks = min(low, ticks[0]), ticks[-1], ticks
        else:
            step = nice_step(high)
            self.low, self.high = 0, math.ceil(high / step - 1e-9) * step
            self.ticks = [i * step for i in range(round(self.high / step) + 1)]

    def at(self, value):
        if self.log:
            value = math.log10(value)
        part = (value - self.low) / (self.high - self.low) if self.high > self.low else 0.5
        return self.begin + part * (self.end - self.begin)


def round_values(low, high):
    """From one at or below low to one at or above high: 1, 2, 5 and so on, over many decades 1, 10."""
    steps = (1, 2, 5) if high / low < 300 else (1,)
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    values = [step * 10.0 ** e for e in decades for step in steps]
    first = max(i for i, v in enumerate(values) if v <= low * 1.000001)
    last = min((i for i, v in enumerate(values) if v >= high * 0.999999), default=len(values) - 1)
    return values[first:max(last, first + 1) + 1]


def nice_step(high):
    rough = high / 8
    power = 10.0 ** math.floor(math.log10(rough))
    return next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough)


def text(x, y, words, anchor="start", extra=""):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{extra}>'
            f"{html.escape(words, quote=False)}</text>")


def stroke(points, colour, width, dash=""):
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dash = f' stroke-dasharray="{dash}"' if dash else ""
    return (f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"'
            f' stroke-linejoin="round"{dash}/>')


def marker(shape, x, y, colour, hollow):
    paint = f'fill="{"none" if hollow else colour}" stroke="{colour}" stroke-width="1.4"'
    size = 1.5 if hollow else 1
    if shape in ("circle", "disc"):
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size * (2.8 if shape == "circle" else 3.6):.1f}" {paint}/>'
    corners = {"square": [(-2.4, -2.4), (2.4, -2.4), (2.4, 2.4), (-2.4, 2.4)],
               "diamond": [(0, -5.4), (5.4, 0), (0, 5.4), (-5.4, 0)],
               "triangle": [(0, -4.6), (4.4, 3.2), (-4.4, 3.2)]}[shape]
    places = " ".join(f"{x + size * a:.1f},{y + size * b:.1f}" for a, b in corners)
    return f'<polygon points="{places}" {paint}/>'


def spread(wanted, low, high):
    """Places near the wanted ones and in their order, at least LINE apart, between low and high."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    groups = []  # of [first place, members]
    for i in order:
        groups.append([wanted[i], [i]])
        while len(groups) > 1 and groups[-2][0] + LINE * len(groups[-2][1]) > groups[-1][0]:
            last = groups.pop()
            members = groups[-1][1] + last[1]
            middle = sum(wanted[m] - LINE * k for k, m in enumerate(members)) / len(members)
            groups[-1] = [middle, members]
        first, members = groups[-1]
        groups[-1][0] = min(max(first, low), max(low, high - LINE * (len(members) - 1)))
    places = {m: first + LINE * k for first, members in groups for k, m in enumerate(members)}
    return [places[i] for i in range(len(wanted))]


class Drawing:
    def __init__(self, panel, left):
        self.panel, self.out = panel, []
        self.left, self.right = left + LEFT, left + LEFT + panel.width
        self.top, self.bottom = TOP, TOP + PLOT_HEIGHT
        xs = [x for line in panel.lines for x, _ in line.points]
        ys = [y for line in panel.lines for _, y in line.points]
        self.x = Scale(xs, self.left, self.right, panel.log_x, panel.x_ticks)
        self.y = Scale(ys, self.bottom, self.top, panel.log_y)

    def axes(self):
        for tick in self.y.ticks:
            at = self.y.at(tick)
            self.out.append(stroke([(self.left, at), (self.right, at)], FAINT, 1))
            self.out.append(text(self.left - 8, at + 4, number(tick), "end"))
        for tick in self.x.ticks:
            at = self.x.at(tick)
            self.out.append(stroke([(at, self.bottom), (at, self.bottom + 5)], INK, 1))
            self.out.append(text(at, self.bottom + 20, number(tick), "middle"))
        self.out.append(stroke([(self.left, self.bottom), (self.right, self.bottom)], INK, 1))
        self.out.append(text((self.left + self.right) / 2, self.bottom + 40, self.panel.x_label, "middle"))
        self.out.append(text(self.left - 40, self.top - 14, self.panel.y_label))
        self.out.append(text((self.left + self.right) / 2, self.top - 34, self.panel.title, "middle",
                             ' font-weight="bold"'))

    def line(self, line):
        colour, shape = STYLES[line.kind]
        points = [(self.x.at(x), self.y.at(y)) for x, y in line.points]
        self.out.append(stroke(points, colour, 2.6 if shape == "disc" else 1.8, "6 4" if line.dashed else ""))
        self.out.extend(marker(shape, x, y, colour, line.dashed) for x, y in points)

    def names(self):
        """In a column on the right; a line that ends before is named where it ends."""
        ends = [(self.x.at(line.points[-1][0]), self.y.at(line.points[-1][1])) for line in self.panel.lines]
        whole = [i for i, (x, _) in enumerate(ends) if x > self.right - 1]
        places = dict(zip(whole, spread([ends[i][1] for i in whole], self.top, self.bottom)))
        for i, line in enumerate(self.panel.lines):
            colour, shape = STYLES[line.kind]
            x, y = ends[i]
            if i not in places:
                self.out.append(text(x + 10, min(y + 4, self.bottom - 6), line.name))
                continue
            lead = [(x + 6, y), (self.right + 8, y), (self.right + 26, places[i]), (self.right + 32, places[i])]
            self.out.append(stroke(lead, colour, 0.8, "2 2"))
            self.out.append(marker(shape, self.right + 38, places[i], colour, line.dashed))
            self.out.append(text(self.right + 50, places[i] + 4, line.name))

    def svg(self):
        self.axes()
        kinds = list(STYLES)
        for line in sorted(self.panel.lines, key=lambda l: (not l.dashed, kinds.index(l.kind))):
            self.line(line)
        self.names()
        return "\n".join(self.out)


def write(path, title, note, panels):
    """Writes path, which ends in .svg, and the PNG beside it."""
    width, height = 0, TOP + PLOT_HEIGHT + BOTTOM + 22
    drawings = []
    for panel in panels:
        drawings.append(Drawing(panel, width).svg())
        width += LEFT + panel.width + panel.names
    with open(path, "w", encoding="utf-8") as out:
        out.write(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
                  f'viewBox="0 0 {width} {height}" role="img" aria-label="{html.escape(title)}" '
                  f'font-family="DejaVu Sans, Verdana, sans-serif" font-size="{FONT}" fill="{INK}">\n'
                  f"<title>{html.escape(title)}</title>\n"
                  f'<rect width="{width}" height="{height}" fill="#ffffff"/>\n')
        out.write("\n".join(drawings))
        out.write("\n" + text(LEFT - 40, height - 10, note, extra=' font-size="11" fill="#555555"') + "\n</svg>\n")
    png = path[:-len("svg")] + "png"
    subprocess.run(["rsvg-convert", "--zoom=1.5", "-o", png, path], check=True)
