"""What can be asked of a page that is open in a browser: what axe finds, what the keyboard reaches, what moves."""

from typing import Any, NamedTuple

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

_AXE = "(options) => axe.run(document, { ...options, resultTypes: ['violations'] })"
# Target size is a rule of WCAG 2.2 that axe leaves out unless it is asked for.
_EVERYTHING = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"target-size": {"enabled": True}},
}
# The rules whose answer depends on the theme and on the width of the window.
_SEEN = ["color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable"]
_LOOKS = {"runOnly": {"type": "rule", "values": _SEEN}}

# Whatever a page draws by a script has been drawn, and its letters are those that stay.
_SETTLED = """
async () => {
  await document.fonts.ready;
  const waits = () => document.querySelector(
    "#api:not(:has(.opblock)), figure[data-diagram]:not([data-state=shown], [data-state=failed])");
  while (waits()) await new Promise(requestAnimationFrame);
  for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
}
"""

# What Tab must reach: each control that is shown; of radio buttons of one name, one.
_CONTROLS = """
() => {
  const controls = [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")];
  const groups = new Set();
  // Tab begins at the top, wherever it has been before.
  document.body.tabIndex = -1;
  document.body.focus();
  document.body.removeAttribute("tabindex");
  window.controls = controls.filter((one) => {
    if (one.disabled || one.tabIndex < 0 || one.closest("[inert], dialog:not([open])")) return false;
    if (!one.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true })) return false;
    if (one.type !== "radio") return true;
    const group = [...document.querySelectorAll(`input[type=radio][name="${CSS.escape(one.name)}"]`)]
      .filter((other) => other.form === one.form);
    return one === (group.find((other) => other.checked) ?? group[0]);
  });
  return window.controls.map((one) => one.outerHTML.slice(0, 120));
}
"""

# Where the focus is: the number of the control, whether it can be seen there, and whether it shows that it has it.
_FOCUS = """
() => {
  const at = document.activeElement;
  const box = at.getBoundingClientRect();
  const [middle, centre] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
  const spots = [[middle, centre], [box.left + 3, box.top + 3], [box.right - 3, box.top + 3],
    [box.left + 3, box.bottom - 3], [box.right - 3, box.bottom - 3]];
  const seen = spots.some(([x, y]) => {
    const top = document.elementFromPoint(x, y);
    if (top === null) return false;
    return at.contains(top) || top.contains(at) || [...(at.labels ?? [])].some((one) => one.contains(top));
  });
  const style = getComputedStyle(at);
  return {
    number: window.controls.indexOf(at),
    what: at.outerHTML.slice(0, 120),
    scrolls: at.scrollHeight > at.clientHeight || at.scrollWidth > at.clientWidth,
    parts: at.type === "date",
    nothing: at === document.body,
    seen,
    shown: (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none",
  };
}
"""

# The elements that reach past the edge of the window, unless they lie in a region that scrolls by itself.
_OVERFLOW = """
() => {
  const room = document.documentElement.clientWidth;
  const wide = document.documentElement.scrollWidth;
  if (wide <= room) return [];
  const scrolls = (one) => one !== null && one !== document.body && one !== document.documentElement
    && (getComputedStyle(one).overflowX !== "visible" || scrolls(one.parentElement));
  const found = [...document.querySelectorAll("body *")].filter(
    (one) => one.getBoundingClientRect().right > room + 0.5 && !scrolls(one.parentElement));
  return [`${wide} px`, ...found.slice(0, 12).map((one) => one.outerHTML.slice(0, 120))];
}
"""

_WATCH_SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (!entry.hadRecentInput) {
      const what = entry.sources.map((one) => one.node?.outerHTML?.slice(0, 100) ?? one.node?.nodeName);
      window.shifts.push(`${entry.value.toFixed(4)}: ${what.join("; ")}`);
    }
  }
}).observe({ type: "layout-shift", buffered: true });
"""


class Focus(NamedTuple):
    """Where the focus came to: what has it, whether one sees that, and whether it lies free."""

    what: str
    shown: bool
    seen: bool


def settle(page: Page) -> None:
    """Wait until a page that was opened has all that it draws by itself."""
    page.evaluate(_SETTLED)


def axe_findings(page: Page, *, looks_alone: bool = False) -> list[str]:
    """Return what axe finds on a page: the rule, the element, and what is wrong with it.

    `looks_alone` asks only the rules whose answer depends on the theme and the width; the others were asked already.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: dict[str, Any] = page.evaluate(_AXE, _LOOKS if looks_alone else _EVERYTHING)
    return [
        f"{rule['id']}: {' '.join(node['target'])}: {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def tab_through(page: Page) -> tuple[list[str], list[Focus]]:
    """Press Tab from the top of a page to its end; returns the controls as they stand there, and where Tab went.

    A region that scrolls is a stop of its own in Chromium; it is left out. Day, month, year and calendar of a date are
    four stops that count as one; the ring around the last of them, the calendar, is the browser's own.
    """
    controls: list[str] = page.evaluate(_CONTROLS)
    stops: list[Focus] = []
    for _ in range(2 * len(controls) + 20):
        page.keyboard.press("Tab")
        found = page.evaluate(_FOCUS)
        if found["nothing"] or (stops and found["number"] == 0):
            return controls, stops
        if found["parts"] and stops and stops[-1].what == found["what"]:
            continue
        if found["number"] >= 0:
            stops.append(Focus(controls[found["number"]], found["shown"], found["seen"]))
        elif not found["scrolls"]:
            stops.append(Focus(found["what"], found["shown"], found["seen"]))
    raise AssertionError(f"Tab does not come round: {stops[-3:]}")


def overflow(page: Page) -> list[str]:
    """Return what makes a page wider than its window: nothing, where the page need not be pushed sideways."""
    found: list[str] = page.evaluate(_OVERFLOW)
    return found


def watch_shifts(page: Page) -> None:
    """Write down what moves by itself on the pages that this window opens from now on."""
    page.context.add_init_script(_WATCH_SHIFTS)


def shifts(page: Page) -> list[str]:
    """Return what has moved by itself since the page was opened."""
    found: list[str] = page.evaluate("window.shifts")
    return found
