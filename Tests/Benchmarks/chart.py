"""The results as an SVG that reads on light and on dark pages."""

from html import escape

from report import PEER_TITLES, ours_to

WIDTH, LEFT, RIGHT, LINE = 900, 370, 190, 26
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #57606a }
  .title { font-weight: 600; font-size: 15px; fill: #24292f }
  .ours { fill: #0b7285 } .light { fill: #3bc9db } .other { fill: #868e96 } .pale { fill: #ced4da }
  .rule { stroke: #adb5bd; stroke-width: 1 } .even { stroke: #57606a; stroke-dasharray: 3 3 } .whisker { stroke: #0b7285; stroke-width: 2 }
  .end { text-anchor: end }
  @media (prefers-color-scheme: dark) {
    text { fill: #adb5bd } .title { fill: #f1f3f5 }
    .ours { fill: #3bc9db } .light { fill: #0b7285 } .other { fill: #adb5bd } .pale { fill: #5c636a }
    .rule { stroke: #495057 } .even { stroke: #adb5bd } .whisker { stroke: #3bc9db }
  }
"""


class Drawing:
    def __init__(self):
        self.parts, self.y = [], 14

    def text(self, x, text, kind="", dy=0):
        self.parts.append(f'<text x="{x:.1f}" y="{self.y + dy:.1f}" class="{kind}">{escape(text)}</text>')

    def bar(self, x, width, kind):
        self.parts.append(f'<rect x="{x:.1f}" y="{self.y - 13:.1f}" width="{max(width, 0.5):.1f}" height="17" class="{kind}"/>')

    def line(self, x1, y1, x2, y2, kind):
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>')

    def title(self, text):
        self.y += 12
        self.text(0, text, "title")
        self.y += LINE

    def svg(self):
        body = "\n".join(self.parts)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-10 0 {WIDTH + 20} {self.y:.0f}" width="{WIDTH + 20}" height="{self.y:.0f}" role="img" '
            f'aria-label="Anteroom beside other proxies">\n<style>{STYLE}</style>\n{body}\n</svg>\n')


def bars(drawing, results, row, keys, form):
    """A bar for each peer; of several keys the parts stand end to end."""
    peers = results.peers(row)
    values = {peer: [results.median(row, peer, key) for key in keys] for peer in peers}
    scale = (WIDTH - LEFT - RIGHT) / max(sum(parts) for parts in values.values())
    for peer in peers:
        drawing.text(LEFT - 12, PEER_TITLES[peer] + (" (no session checked)" if peer in ("nginx", "haproxy") else ""), "end")
        x, kinds = LEFT, ("ours", "light") if peer == "anteroom" else ("other", "pale")
        for value, kind in zip(values[peer], kinds):
            drawing.bar(x, value * scale, kind)
            x += value * scale
        drawing.text(x + 8, form(values[peer]))
        drawing.y += LINE


def ratios(drawing, results, rows):
    """For each row Anteroom's throughput against the better plain proxy: the median as a dot, least and most as a line."""
    found = []
    for row in rows:
        others = tuple(peer for peer in ("nginx", "haproxy") if peer in results.peers(row.name))
        if ratio := ours_to(row.name, "rate", others, max)(results):
            found.append((row.title, ratio))
    if not found:
        return
    drawing.title("Throughput against the better plain proxy (right of the line: Anteroom is faster)")
    most = max(1.5, max(ratio[2] for _, ratio in found))
    place = lambda value: LEFT + (WIDTH - LEFT - RIGHT) * value / most
    top = drawing.y - 16
    for title, (middle, least, highest) in found:
        drawing.text(LEFT - 12, title.partition(" (")[0], "end")
        y = drawing.y - 4.5
        drawing.line(LEFT, y, WIDTH - RIGHT, y, "rule")
        drawing.line(place(least), y, place(highest), y, "whisker")
        drawing.parts.append(f'<circle cx="{place(middle):.1f}" cy="{y:.1f}" r="5" class="ours"/>')
        drawing.text(WIDTH - RIGHT + 8, f"{middle:.2f} × ({least:.2f} to {highest:.2f})")
        drawing.y += LINE
    drawing.line(place(1), top, place(1), drawing.y - 18, "even")


def chart(results, rows):
    drawing = Drawing()
    if results.peers("c64"):
        drawing.title("Small GET, 64 connections: requests a second")
        bars(drawing, results, "c64", ("rate",), lambda parts: f"{parts[0]:,.0f}")
        drawing.title("CPU time a request, µs: user and system")
        bars(drawing, results, "c64", ("user", "system"), lambda parts: f"{sum(parts):.1f} ({parts[0]:.1f} + {parts[1]:.1f})")
    ratios(drawing, results, rows)
    return drawing.svg()
