// Keys for whoever does this all day: j and k go through a list, Enter opens, / searches, ? shows what there is.
// A key does nothing while somebody types, nor together with Ctrl, Alt or Meta.

function typing(target) {
  return target instanceof Element && target.closest("input, textarea, select, [contenteditable], dialog") !== null;
}

function go(step) {
  const rows = [...document.querySelectorAll("[data-rows] a.row, [data-rows] a[data-row]")];
  if (rows.length === 0) return;
  const at = rows.indexOf(document.activeElement);
  const current = at >= 0 ? at : rows.findIndex((row) => row.getAttribute("aria-current") === "true");
  const next = rows[Math.min(Math.max(current + step, 0), rows.length - 1)];
  next.focus();
}

export function startKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || typing(event.target)) return;
    if (event.key === "j") go(1);
    else if (event.key === "k") go(-1);
    else if (event.key === "/") document.querySelector("input[type=search]")?.focus();
    else if (event.key === "?") document.querySelector("dialog[data-help]")?.showModal();
    else {
      // A button or link says itself by which key it is pressed: data-key="c".
      const pressed = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
      if (pressed === null) return;
      pressed.click();
    }
    event.preventDefault();
  });
}
