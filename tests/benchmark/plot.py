# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bars as an SVG file: one chart per benchmark, for a page with a light or a dark background."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from tests.benchmark.measure import Figure

_WIDTH, _LABELS, _VALUES = 910, 350, 80
_ROW, _TITLE, _GAP = 24, 34, 16
_OURS = ("evento-deploy", "evento_bundle", "beside")
_STYLE = """\
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600 }
.ours { fill: #1a7f37 }
.peer { fill: #8c959f }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .ours { fill: #3fb950 }
  .peer { fill: #6e7681 }
}"""


def svg(figures: Sequence[Figure]) -> str:
    """The seconds that each way took, ours in another colour; a chart's longest bar has the whole width."""
    lines, y = [], _GAP
    groups = dict.fromkeys(figure.group for figure in figures if _is_bar(figure))
    for group in groups:
        lines.append(f'<text class="title" x="0" y="{y + 14}">{escape(group)}, seconds</text>')
        y += _TITLE
        bars = [figure for figure in figures if figure.group == group and _is_bar(figure)]
        lines += _bars(bars, y)
        y += _ROW * len(bars) + _GAP
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y}" role="img">'
    return "\n".join([head, "<title>What a run costs</title>", f"<style>{_STYLE}</style>", *lines, "</svg>", ""])


def _is_bar(figure: Figure) -> bool:
    return figure.unit == "s"


def _bars(bars: Sequence[Figure], y: int) -> Iterator[str]:
    longest = max(figure.value for figure in bars)
    for number, figure in enumerate(bars):
        top = y + number * _ROW
        length = max(2.0, figure.value / longest * (_WIDTH - _LABELS - _VALUES))
        kind = "ours" if any(name in figure.what for name in _OURS) else "peer"
        yield f'<text x="{_LABELS - 10}" y="{top + 14}" text-anchor="end">{escape(figure.what)}</text>'
        yield f'<rect class="{kind}" x="{_LABELS}" y="{top + 2}" width="{length:.1f}" height="16" rx="2"/>'
        yield f'<text x="{_LABELS + length + 8:.1f}" y="{top + 14}">{figure.value:.2f}</text>'
