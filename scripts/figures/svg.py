"""A figure 700 wide: boxes, text, lines, arrows. Two sets of colours, for light and dark pages."""

import re
from xml.sax.saxutils import escape

WIDTH = 700
MARGIN = 24

LIGHT = {"page": "#ffffff", "text": "#1b1f24", "muted": "#57606a", "edge": "#8c959f",
         "box": "#f3f5f7", "accent": "#0b62c4", "soft": "#d3e5fb"}
DARK = {"page": "#0f141a", "text": "#e8edf2", "muted": "#a0a9b3", "edge": "#6a737d",
        "box": "#1b222a", "accent": "#6cb0ff", "soft": "#173d6b"}


def colours(set_of, scope):
    rules = {
        ".page": "fill:{page}", ".box": "fill:{box};stroke:{edge}",
        ".on": "fill:{soft};stroke:{accent}", ".off": "fill:{page};stroke:{edge}",
        ".dashed": "fill:{page};stroke:{edge};stroke-dasharray:4 3",
        ".band": "fill:{soft};opacity:.55", ".bar": "fill:{accent}",
        ".line": "fill:none;stroke:{edge}", ".arrow": "fill:none;stroke:{accent};stroke-width:2",
        ".head": "fill:{accent}", "text": "fill:{text}", "text.muted": "fill:{muted}",
        "text.accent": "fill:{accent}",
    }
    return "".join(f"{scope} {name}{{{rule.format(**set_of)}}}" for name, rule in rules.items())


STYLE = (".figure text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',"
         "Arial,'DejaVu Sans',sans-serif}"
         ".figure text.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"
         "'DejaVu Sans Mono',monospace}"
         ".figure text.strong{font-weight:600}"
         + colours(LIGHT, ".figure")
         + "@media (prefers-color-scheme:dark){" + colours(DARK, ".figure") + "}")


def text_width(text, size, mono=False):
    """About how wide a text is, in the widest of the usual fonts."""
    if mono:
        return 0.605 * size * len(text)
    return size * sum(0.36 if c in "iljtfrI.,:;|'()[] " else 0.92 if c in "mwMW%" else
                      0.70 if c.isupper() else 0.62 for c in text)


def short(value):
    """A coordinate without needless digits."""
    return f"{value:.1f}".rstrip("0").rstrip(".")


def hexadecimal(value, digits=8):
    return f"{value:0{digits}X}"


def size_name(count):
    """4096: 4 KB."""
    for unit, name in ((1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB")):
        if count >= unit and count % unit == 0:
            return f"{count // unit} {name}"
    return f"{count} bytes"


class Figure:
    def __init__(self, title, description):
        self.title, self.description = title, description
        self.parts = []
        self.bottom = 0
        self.text(MARGIN, 30, title, "strong", size=16)
        self.bottom = 40

    def reach(self, y):
        self.bottom = max(self.bottom, y)

    def rect(self, x, y, width, height, kind="box", radius=0):
        self.reach(y + height)
        rounded = f' rx="{radius}"' if radius else ""
        self.parts.append(f'<rect class="{kind}" x="{short(x)}" y="{short(y)}" '
                          f'width="{short(width)}" height="{short(height)}"{rounded}/>')

    def text(self, x, y, text, kind="", size=12, anchor="start", turned=False):
        length = text_width(text, size, "mono" in kind.split())
        left = x - {"start": 0, "middle": length / 2, "end": length}[anchor]
        if not turned and (left < 1 or left + length > WIDTH):
            raise ValueError(f"{self.title}: the text {text!r} leaves the figure")
        self.reach(y + 4)
        attributes = f' class="{kind}"' if kind else ""
        if anchor != "start":
            attributes += f' text-anchor="{anchor}"'
        if turned:
            attributes += f' transform="rotate(-90 {short(x)} {short(y)})"'
        self.parts.append(f'<text x="{short(x)}" y="{short(y)}" font-size="{short(size)}"'
                          f'{attributes}>{escape(text)}</text>')

    def label(self, x, y, width, height, text, kind="", size=12):
        """Text in the middle of a box, in as many lines as the newlines in it say."""
        lines = text.split("\n")
        first = y + height / 2 - (len(lines) - 1) * size * 0.62 + size * 0.36
        for at, line in enumerate(lines):
            self.text(x + width / 2, first + at * size * 1.24, line, kind, size, "middle")

    def box(self, x, y, width, height, text, kind="box", size=12, style="", radius=0):
        self.rect(x, y, width, height, kind, radius)
        self.label(x, y, width, height, text, style, size)

    def path(self, d, kind="line"):
        self.parts.append(f'<path class="{kind}" d="{d}"/>')

    def line(self, x1, y1, x2, y2, kind="line"):
        self.reach(max(y1, y2))
        self.path(f"M{short(x1)} {short(y1)}L{short(x2)} {short(y2)}", kind)

    def arrow(self, x1, y1, x2, y2):
        """A horizontal or vertical arrow."""
        length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
        dx, dy = (x2 - x1) / length, (y2 - y1) / length
        self.line(x1, y1, x2 - 7 * dx, y2 - 7 * dy, "arrow")
        corners = [(x2, y2), (x2 - 9 * dx - 5 * dy, y2 - 9 * dy + 5 * dx),
                   (x2 - 9 * dx + 5 * dy, y2 - 9 * dy - 5 * dx)]
        self.path("M" + "L".join(f"{short(x)} {short(y)}" for x, y in corners) + "Z", "head")

    def band(self, corners):
        """A filled shape that connects two places."""
        self.path("M" + "L".join(f"{short(x)} {short(y)}" for x, y in corners) + "Z", "band")

    def paragraph(self, text, kind="muted", size=12, gap=20):
        """Text below all that was drawn, broken into lines."""
        y = self.bottom + gap
        line = ""
        for word in text.split(" ") + [None]:
            longer = f"{line} {word}".strip()
            if word is not None and text_width(longer, size) <= WIDTH - 2 * MARGIN:
                line = longer
                continue
            self.text(MARGIN, y, line, kind, size)
            y += size * 1.4
            line = word
        self.bottom = y - size * 1.4 + 4

    def caption(self, text):
        """A reference to the SDM stays on one line."""
        self.paragraph(re.sub(r"SDM (\w+) §", "SDM\u00a0\\1\u00a0§", text), "muted", 11, 24)

    def svg(self):
        height = short(round(self.bottom + 14))
        head = (f'<svg xmlns="http://www.w3.org/2000/svg" class="figure" '
                f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img">\n')
        return (head
                + f"<title>{escape(self.title)}</title>\n<desc>{escape(self.description)}</desc>\n"
                + f"<style>{STYLE}</style>\n"
                + f'<rect class="page" width="{WIDTH}" height="{height}"/>\n'
                + "\n".join(self.parts) + "\n</svg>\n")
