"""
Draws docs/how-to/budgets-that-hold.svg: how often a p95 budget goes red, by the engine itself.

    python docs/_plots/budgets_that_hold.py
"""

from pathlib import Path

from llm_latency_lens.verdicts import Rule, curtailed, sequential

PICTURE = Path(__file__).parents[1] / "how-to" / "budgets-that-hold.svg"
_WIDTH, _HEIGHT = 640, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 20, 20, 50
_MOST_SHARE = 0.25
_STEPS = 50
_LINES = (
    ("plain, 20 runs", "#d1495b", "", curtailed("0.95", 20)),
    ("confidence=0.95, 20 runs at most", "#30638e", "7 4", sequential("0.95", "0.95", 20)),
    ("confidence=0.95, 100 runs at most", "#30638e", "", sequential("0.95", "0.95", 100)),
)


def draw() -> str:
    """Return the picture as SVG."""
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
            'font-family="sans-serif" font-size="12" role="img">'
        ),
        "<title>How often a p95 budget goes red, by the true share of slow calls</title>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        *_grid(),
        *_allowed(),
    ]
    for index, (name, colour, dashes, rule) in enumerate(_LINES):
        y = _TOP + 215 + 20 * index
        x = _WIDTH - _RIGHT - 250
        style = f'fill="none" stroke="{colour}" stroke-width="2.5" stroke-dasharray="{dashes}"'
        parts.append(f'<polyline points="{_points(rule)}" {style}/>')
        parts.append(f'<path d="M{x} {y}h30" {style}/>')
        parts.append(f'<text x="{x + 38}" y="{y + 4}" fill="#222222">{name}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _points(rule: Rule) -> str:
    shares = (_MOST_SHARE * step / _STEPS for step in range(_STEPS + 1))
    return " ".join(f"{_x(share):.1f},{_y(rule.rates(share).fails):.1f}" for share in shares)


def _grid() -> list[str]:
    lines = []
    for percent in range(0, 101, 20):
        y = _y(percent / 100)
        lines.append(f'<path d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}" stroke="#dddddd"/>')
        lines.append(
            f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" fill="#222222">'
            f"{percent} %</text>"
        )
    lines += [
        f'<text x="{_x(percent / 100):.1f}" y="{_HEIGHT - _BOTTOM + 18}" '
        f'text-anchor="middle" fill="#222222">{percent} %</text>'
        for percent in range(0, 26, 5)
    ]
    lines.append(
        f'<text x="{(_LEFT + _WIDTH - _RIGHT) / 2:.1f}" y="{_HEIGHT - 10}" text-anchor="middle" '
        'fill="#222222">true share of slow calls</text>'
    )
    lines.append(
        f'<text transform="translate(14 {(_TOP + _HEIGHT - _BOTTOM) / 2:.1f}) rotate(-90)" '
        'text-anchor="middle" fill="#222222">tests that go red</text>'
    )
    return lines


def _allowed() -> list[str]:
    x = _x(0.05)
    return [
        f'<path d="M{x:.1f} {_TOP}V{_HEIGHT - _BOTTOM}" stroke="#888888" stroke-dasharray="2 3"/>',
        f'<text x="{x + 6:.1f}" y="{_TOP + 12}" fill="#222222">p95 allows 5 %</text>',
    ]


def _x(share: float) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * share / _MOST_SHARE


def _y(chance: float) -> float:
    return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * chance


if __name__ == "__main__":
    PICTURE.write_text(draw(), encoding="utf-8")
    print(PICTURE)
