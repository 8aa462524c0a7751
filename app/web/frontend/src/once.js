// A form that makes something is sent once by a double click. Without this the server knows the second one by its key;
// but the answer to the first, such as a new password, would not be seen.

function onSubmit(event) {
  const form = event.target;
  if (event.defaultPrevented || !form.elements.namedItem("sekali")) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
}

export function startOnce() {
  document.addEventListener("submit", onSubmit);
  // Back in a page that the browser has kept: it may be sent again.
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });
}
