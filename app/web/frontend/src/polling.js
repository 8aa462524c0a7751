// A region with data-poll="10" is asked again every ten seconds and when the window comes to the front. It is left alone
// while the window is hidden, and while somebody is in one of its fields or has typed into it: what he does comes first.

function isBusy(region) {
  const at = document.activeElement;
  if (at && region.contains(at) && at.matches("input, textarea, select")) return true;
  return [...region.querySelectorAll("input:not([type=hidden]), textarea, select")].some(isChanged);
}

function isChanged(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.tagName === "SELECT") {
    const usual = [...field.options].find((option) => option.defaultSelected) ?? field.options[0];
    return usual !== undefined && field.value !== usual.value;
  }
  return field.value !== field.defaultValue;
}

function ask() {
  if (document.hidden) return;
  const now = Date.now();
  for (const region of document.querySelectorAll("[data-poll]")) {
    const every = Number(region.dataset.poll) * 1000;
    if (now - (region.asked ?? start) < every || isBusy(region)) continue;
    region.asked = now;
    region.dispatchEvent(new CustomEvent("poll"));
  }
}

const start = Date.now();

export function startPolling() {
  setInterval(ask, 1000);
  document.addEventListener("visibilitychange", ask);
  window.addEventListener("focus", ask);
}
