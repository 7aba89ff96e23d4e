"""Rows of bits in the order of the SDM: the highest bit is at the left."""

from .sources import Contradiction
from .svg import MARGIN, WIDTH, text_width

LABEL_SIZE = 12
NUMBER_SIZE = 10
UNUSED = ("reserved", "ignored")  # white; without a name where it does not fit


class Field:
    """Bits `high` to `low`. `on`: the code uses them. `meaning`: a line below the figure."""

    def __init__(self, high, low, name, meaning="", on=False):
        self.high, self.low, self.name, self.meaning, self.on = high, low, name, meaning, on

    def mask(self):
        return (2 << self.high) - (1 << self.low)


def reserved(high, low, name="reserved"):
    return Field(high, low, name)


def defined(path, constants, prefix, table):
    """Fields of a table [(high, low, name, meaning)], on where the code has `prefix`name. A
    constant with other bits than the table, or that the table does not have, is a contradiction."""
    fields = [Field(high, low, name, meaning, prefix + name in constants)
              for high, low, name, meaning in table]
    for field in fields:
        if field.on:
            must_be(path, prefix + field.name, constants[prefix + field.name], field.mask())
    known = {prefix + field.name for field in fields}
    for name in constants:
        if name.startswith(prefix) and name not in known:
            raise Contradiction(f"{path}: {name} is not a bit of the SDM that the figure knows")
    return fields


def must_be(path, name, value, expected):
    if value != expected:
        raise Contradiction(f"{path}: {name} is {value:#x}, the SDM has {expected:#x}")


def complete(fields, high, low, name="reserved"):
    """The fields of bits `high` to `low` from the left, with `name` in the gaps."""
    row, expected = [], high
    for field in sorted(fields, key=lambda field: -field.high):
        if field.high < low or field.low > high:
            continue
        if field.high > expected or field.low < low:
            raise Contradiction(f"bit {field.high} belongs to two fields or to two rows")
        if field.high < expected:
            row.append(reserved(expected, field.high + 1, name))
        row.append(field)
        expected = field.low - 1
    if expected >= low:
        row.append(reserved(expected, low, name))
    return row


def broken(name, width):
    """The name in one or two lines that fit the width, or None."""
    if text_width(name, LABEL_SIZE) <= width - 4:
        return name
    words = name.split()
    fits = [f"{' '.join(words[:at])}\n{' '.join(words[at:])}" for at in range(1, len(words))
            if max(text_width(' '.join(words[:at]), LABEL_SIZE),
                   text_width(' '.join(words[at:]), LABEL_SIZE)) <= width - 4]
    return min(fits, key=lambda text: max(map(len, text.split("\n")))) if fits else None


def draw_row(figure, fields, y, x=MARGIN, width=WIDTH - 2 * MARGIN, number_of=lambda bit: bit):
    """One row of adjacent fields; returns the y below it."""
    high, low = fields[0].high, fields[-1].low
    cell = width / (high - low + 1)
    shapes = []
    for field in fields:
        cells = field.high - field.low + 1
        shapes.append((field, x + (high - field.high) * cell, cells * cell,
                       broken(field.name, cells * cell)))
    turned = [field.name for field, _, _, name in shapes
              if name is None and field.name not in UNUSED]
    height = max([36] + [text_width(name, LABEL_SIZE) + 14 for name in turned])
    for field, left, wide, name in shapes:
        kind = "on" if field.on else "off" if field.name in UNUSED else "box"
        style = "muted" if kind == "off" else ""
        figure.rect(left, y + 14, wide, height, kind)
        if name is None and field.name not in UNUSED:
            figure.text(left + wide / 2 + 4, y + 14 + height / 2, field.name, style, LABEL_SIZE,
                        "middle", turned=True)
        elif name is not None:
            figure.label(left, y + 14, wide, height, name, style, LABEL_SIZE)
        first, last = str(number_of(field.high)), str(number_of(field.low))
        if field.high == field.low:
            figure.text(left + wide / 2, y + 10, first, "muted", NUMBER_SIZE, "middle")
        elif wide > 24:
            figure.text(left + 2, y + 10, first, "muted", NUMBER_SIZE)
            figure.text(left + wide - 2, y + 10, last, "muted", NUMBER_SIZE, "end")
    return y + 14 + height


def draw_rows(figure, fields, bits, gap_name="reserved", heading=None):
    """Fields of 32 or 64 bits, 32 a row."""
    y = figure.bottom + 10
    if heading:
        figure.text(MARGIN, y + 12, heading, "strong", 13)
        y += 22
    for low in range(bits - 32, -1, -32):
        y = draw_row(figure, complete(fields, low + 31, low, gap_name), y) + 6
    figure.bottom = y


def legend(figure, fields, columns=2):
    """Name and meaning of the fields that have one."""
    fields = [field for field in fields if field.meaning]
    wide = (WIDTH - 2 * MARGIN) / columns
    indent = max(text_width(field.name, 12) for field in fields) + 22
    rows = -(-len(fields) // columns)
    top = figure.bottom + 14
    for at, field in enumerate(fields):
        x, y = MARGIN + at // rows * wide, top + at % rows * 19
        figure.rect(x, y - 1, 10, 10, "on" if field.on else "box")
        figure.text(x + 16, y + 8, field.name, "strong", 12)
        if x + 8 + indent + text_width(field.meaning, 12) > MARGIN + (at // rows + 1) * wide:
            raise ValueError(f"{figure.title}: no room for {field.meaning!r}")
        figure.text(x + 8 + indent, y + 8, field.meaning, "", 12)
    figure.bottom = top + rows * 19 - 6
