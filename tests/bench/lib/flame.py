# SPDX-License-Identifier: GPL-2.0-only
"""A flame graph: who holds how many instructions, as an SVG that needs nothing but a browser."""

import zlib
from xml.sax.saxutils import escape

WIDTH, LINE, LETTER = 1200, 18, 6.6


class Node:
    def __init__(self):
        self.total, self.below = 0.0, {}

    def add(self, path, amount):
        self.total += amount
        if path:
            self.below.setdefault(path[0], Node()).add(path[1:], amount)

    def depth(self):
        return 1 + max((n.depth() for n in self.below.values()), default=0)


def colour(path):
    """A room has one colour everywhere, whatever else is in the picture."""
    if len(path) < 2:
        return "#d0d0d0"
    return "hsl(%d, 60%%, %d%%)" % (zlib.crc32(path[1].encode()) % 36 * 10, 62 + len(path) % 2 * 6)


def box(out, path, node, left, level, scale, whole):
    wide = node.total * scale
    if wide < 0.4:
        return
    name, y = path[-1], level * LINE + 40
    out.append('<g><title>%s: %.1f instructions, %.1f%%</title>'
               '<rect x="%.2f" y="%d" width="%.2f" height="%d" fill="%s" stroke="white" stroke-width=".5"/>' % (
                   escape(" > ".join(path[1:]) or name), node.total, 100 * node.total / whole, left, y, wide,
                   LINE - 1, colour(path)))
    room = int((wide - 6) / LETTER)
    text = "%s %.0f" % (name, node.total)
    if room >= 4:
        shown = text if len(text) <= room else name if len(name) <= room else name[:room - 1] + "…"
        out.append('<text x="%.2f" y="%d">%s</text>' % (left + 3, y + 13, escape(shown)))
    out.append("</g>")
    for below, child in sorted(node.below.items(), key=lambda x: -x[1].total):
        box(out, path + [below], child, left, level + 1, scale, whole)
        left += child.total * scale


def picture(title, root):
    """The SVG of a tree whose first level is rooms."""
    out = ['<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="monospace" font-size="11">'
           % (WIDTH, root.depth() * LINE + 50),
           '<rect width="100%" height="100%" fill="#fafafa"/>',
           '<text x="8" y="24" font-size="15">%s</text>' % escape(title)]
    box(out, ["all"], root, 0.0, 0, WIDTH / root.total if root.total else 0, root.total or 1)
    return "\n".join(out + ["</svg>", ""])
