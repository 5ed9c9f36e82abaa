"""Two plots as inline SVG: no library to load, no image, no script; every text is escaped."""

from collections.abc import Sequence
from html import escape

_WIDTH, _BASE, _TOP, _LEFT = 860, 220, 30, 40
_ROW, _NAMES, _SCALE = 22, 300, 500
_BLUE, _ORANGE = "#1f4e8c", "#c2500a"


def bars(title: str, names: Sequence[str], series: Sequence[tuple[str, str, Sequence[int]]]) -> str:
    """Stacked bars, one for each name; `series` holds (name, color, heights)."""
    totals = [sum(heights) for heights in zip(*(heights for _, _, heights in series), strict=True)]
    most, step = max(totals, default=0) or 1, (_WIDTH - _LEFT) / max(1, len(names))
    unit = (_BASE - _TOP) / most
    drawn = [_text(_LEFT - 6, _TOP + 5, str(most), "end"), _text(_LEFT - 6, _BASE, "0", "end")]
    for i, name in enumerate(names):
        left, base = _LEFT + i * step, float(_BASE)
        for _, color, heights in series:
            height = heights[i] * unit
            base -= height
            drawn.append(_rectangle(left + 1, base, step * 0.8, height, color))
        if i % max(1, len(names) // 12) == 0:
            drawn.append(_text(left + step * 0.4, _BASE + 16, name, "middle"))
    for i, (name, color, _) in enumerate(series):
        drawn += [_rectangle(_LEFT + i * 160, _BASE + 28, 12, 12, color), _text(_LEFT + i * 160 + 18, _BASE + 38, name)]
    return _svg(title, _BASE + 50, drawn)


def intervals(title: str, rows: Sequence[tuple[str, float, float, float]], limit: float) -> str:
    """For each (name, share, low, high) a dot on its interval, all in [0, 1], and a line at the limit."""
    bottom = _TOP + _ROW * len(rows)
    drawn = [
        _line(_at(limit), _TOP - 10, _at(limit), bottom, _ORANGE),
        *(_text(_at(share / 4), bottom + 16, f"{25 * share} %", "middle") for share in range(5)),
    ]
    for i, (name, share, low, high) in enumerate(rows):
        y = _TOP + _ROW * i + 8
        drawn += [
            _text(_NAMES - 10, y + 4, name, "end"),
            _line(_at(low), y, _at(high), y, _BLUE),
            f'<circle cx="{_at(share):.1f}" cy="{y}" r="4" fill="{_BLUE}"/>',
        ]
    return _svg(title, bottom + 24, drawn)


def _at(share: float) -> float:
    return _NAMES + share * _SCALE


def _svg(title: str, height: float, drawn: Sequence[str]) -> str:
    box = f'viewBox="0 0 {_WIDTH} {height:.0f}" width="{_WIDTH}" height="{height:.0f}"'
    label = escape(title)
    style = 'role="img" font-size="12" font-family="sans-serif"'
    return (
        f'<figure><svg {box} {style} aria-label="{label}">{"".join(drawn)}</svg>'
        f"<figcaption>{label}</figcaption></figure>"
    )


def _rectangle(x: float, y: float, width: float, height: float, color: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{color}"/>'


def _line(x: float, y: float, to_x: float, to_y: float, color: str) -> str:
    return f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}" stroke="{color}" stroke-width="2"/>'


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
