// Menus close when something else is pressed, and a choice with data-send is sent when it is made.

export function startMenus() {
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.me[open], details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.me[open], details.menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-send]")) event.target.form.requestSubmit();
  });
  // A list shows where one is: the row that was opened last.
  document.addEventListener("click", (event) => {
    const row = event.target.closest?.("[data-rows] a.row");
    if (!row || event.ctrlKey || event.metaKey || event.shiftKey) return;
    for (const other of document.querySelectorAll("[data-rows] a.row[aria-current]")) other.removeAttribute("aria-current");
    row.setAttribute("aria-current", "true");
  });
}
