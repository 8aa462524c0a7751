// The form of a task: what is typed is kept as a draft, a return asks for its reason before it is sent, and a date is
// said in words. Without this, the form works and the server says the same.

const PAUSE = 800;
const waiting = new Map(); // form -> the timer until its draft is sent

function tell(form, when, text) {
  for (const one of form.querySelectorAll("[data-saved] [data-when]")) {
    one.hidden = one.dataset.when !== when;
    if (one.dataset.when === when && text !== undefined) one.textContent = text;
  }
}

async function save(form) {
  waiting.delete(form);
  try {
    const answer = await fetch(form.dataset.draft, { method: "POST", body: new FormData(form), credentials: "same-origin" });
    if (answer.ok) tell(form, "saved", await answer.text());
    else tell(form, { 401: "expired", 403: "stale" }[answer.status] ?? "failed");
  } catch {
    tell(form, "failed");
  }
}

function stop(form) {
  clearTimeout(waiting.get(form));
  waiting.delete(form);
}

// What has not been sent yet goes out before the form does: with the page, or for another task.
function flush() {
  for (const form of [...waiting.keys()]) {
    stop(form);
    navigator.sendBeacon(form.dataset.draft, new FormData(form));
  }
}

function onInput(event) {
  const form = event.target.form;
  if (!form?.matches("form[data-draft]")) return;
  stop(form);
  waiting.set(form, setTimeout(() => save(form), PAUSE));
  if (event.target.matches("[data-in-words]")) sayDate(event.target);
}

// A return without its reason: the field says so and has the focus.
function onClick(event) {
  const button = event.target.closest?.("button[data-needs]");
  const field = button?.form.elements.namedItem(button.dataset.needs);
  if (!field || field.value.trim() !== "") return;
  event.preventDefault();
  field.setAttribute("aria-invalid", "true");
  const fault = document.getElementById(`${field.id}-salah`);
  if (fault) fault.hidden = false;
  field.focus();
}

function onSubmit(event) {
  if (event.target.matches("form[data-draft]") && !event.defaultPrevented) stop(event.target);
}

function sayDate(field) {
  const words = field.parentElement.querySelector("output.in-words");
  if (!words) return;
  const day = field.value ? new Date(`${field.value}T00:00:00`) : null;
  words.textContent = day ? day.toLocaleDateString(document.documentElement.lang, { dateStyle: "full" }) : "";
}

// A task that was opened beside the list: on a narrow screen it takes the list's place.
function onSwap() {
  const task = document.querySelector("#rincian .task");
  const main = document.querySelector("main.desk");
  if (!task || !main) return;
  prepare();
  if (main.classList.contains("opened")) return;
  main.classList.add("opened");
  if (document.querySelector(".pane")?.offsetParent === null) task.querySelector("h1").focus();
}

function prepare() {
  for (const field of document.querySelectorAll("[data-in-words]")) sayDate(field);
}

export function startTasks() {
  document.addEventListener("input", onInput);
  document.addEventListener("click", onClick);
  document.addEventListener("submit", onSubmit);
  document.addEventListener("htmx:before:swap", (event) => {
    if (event.target.matches?.("a.row")) flush();
  });
  document.addEventListener("htmx:after:swap", onSwap);
  window.addEventListener("pagehide", flush);
  prepare();
}
