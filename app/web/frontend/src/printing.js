// A button with data-print opens the browser's own printing; without a script it is not there.

export function startPrinting() {
  const show = () => {
    for (const button of document.querySelectorAll("[data-print][hidden]")) button.hidden = false;
  };
  document.addEventListener("htmx:after:swap", show);
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-print]")) window.print();
  });
  show();
}
