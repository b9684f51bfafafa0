"""Step lines as SVG, for the plots that the documentation keeps."""

from dataclasses import dataclass
from xml.sax.saxutils import escape

__all__ = ["Line", "draw"]

WIDTH, HEIGHT = 760, 340
LEFT, RIGHT, TOP, BOTTOM = 60, 20, 40, 50
TICKS = 5


@dataclass(frozen=True, slots=True)
class Line:
    """A line of points; each holds its height until the next one."""

    name: str
    colour: str
    points: list[tuple[float, float]]
    is_dashed: bool = False


def draw(title: str, across: str, up: str, lines: list[Line]) -> str:
    """Return the plot, with its legend, on axes that begin at zero."""
    most_x = max(x for line in lines for x, _ in line.points)
    most_y = max(y for line in lines for _, y in line.points) * 1.1

    def at(x: float, y: float) -> tuple[float, float]:
        return (
            LEFT + x / most_x * (WIDTH - LEFT - RIGHT),
            HEIGHT - BOTTOM - y / most_y * (HEIGHT - TOP - BOTTOM),
        )

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        '<g font-family="sans-serif" font-size="13">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="22" font-size="15">{escape(title)}</text>',
    ]
    for tick in range(TICKS + 1):
        x, base = at(most_x * tick / TICKS, 0)
        parts.append(_text(x, base + 18, f"{most_x * tick / TICKS:.0f}", "middle"))
        _, y = at(0, most_y * tick / TICKS)
        parts.append(_text(LEFT - 8, y + 4, f"{most_y * tick / TICKS:.0f}", "end"))
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#e5e7eb"/>')
    parts.append(_text(WIDTH / 2, HEIGHT - 12, across, "middle"))
    parts.append(
        f'<text x="16" y="{HEIGHT / 2}" text-anchor="middle" '
        f'transform="rotate(-90 16 {HEIGHT / 2})">{escape(up)}</text>'
    )
    for number, line in enumerate(lines):
        dash = ' stroke-dasharray="6 4"' if line.is_dashed else ""
        style = f'fill="none" stroke="{line.colour}" stroke-width="1.8"{dash}'
        parts.append(f'<path d="{_steps([at(*point) for point in line.points])}" {style}/>')
        x = WIDTH - RIGHT - 340 + 190 * number
        parts.append(f'<path d="M{x} 18h26" {style}/>')
        parts.append(_text(x + 32, 22, line.name, "start"))
    return "\n".join([*parts, "</g>", "</svg>", ""])


def _steps(points: list[tuple[float, float]]) -> str:
    first, *rest = points
    return f"M{first[0]:.1f} {first[1]:.1f}" + "".join(f"H{x:.1f}V{y:.1f}" for x, y in rest)


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
