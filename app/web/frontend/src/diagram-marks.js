// What is drawn over a diagram: where it stands, how often, which way, how hot, what was found, and what is different.
// Nothing is told by colour alone: each mark has a label or a shape of its own.

import { rowOf } from "./diagram-view.js";

const DONE_BY_SOMEBODY = /Task$|^bpmn:(SubProcess|CallActivity)$/;
const HEATS = 5;
const BADGES = { min: 0.75, max: 1.25 }; // they stay readable when the diagram is small

export function draw(view, figure, overlay) {
  const canvas = view.viewer.get("canvas");
  const overlays = view.viewer.get("overlays");
  const words = JSON.parse(figure.dataset.words);
  clear(view, canvas, overlays);

  const mark = (element, name) => {
    canvas.addMarker(element, name);
    view.marked.push([element.id, name]);
  };
  const badge = (element, position, content) => {
    overlays.add(element, { position, html: content, scale: BADGES });
  };
  const each = (found, act) => {
    for (const [id, value] of Object.entries(found ?? {})) {
      const element = view.find(id);
      if (element) act(element, value, rowOf(figure, id));
    }
  };

  view.active = [];
  each(overlay.active, (element, label) => {
    if (view.active.includes(element)) return;
    view.active.push(element);
    mark(element, "is-active");
    // An event is smaller than its label, which then stands above it.
    badge(element, { top: element.height < 60 ? -28 : -14, left: -8 }, tag("token", label || words.now));
  });
  each(overlay.visits, (element, times, row) => {
    if (!DONE_BY_SOMEBODY.test(element.type) || times < 1) return;
    if (!view.active.includes(element)) mark(element, "is-done");
    if (times === 1) return;
    const name = words.visits.replace("{n}", times);
    badge(element, { bottom: 12, right: 26 }, tag("visits", `${times}×`, name, row && `#${row.id}`));
  });
  each(Object.fromEntries((overlay.taken ?? []).map((id) => [id, true])), (element) => mark(element, "is-taken"));
  each(overlay.heat, (element, { value, label }, row) => {
    mark(element, `heat-${Math.min(Math.max(Math.ceil(value * HEATS), 1), HEATS)}`);
    if (label) badge(element, { bottom: 12, left: 4 }, tag("heat", label, label, row && `#${row.id}`));
  });
  each(overlay.findings, (element, findings) => {
    mark(element, `has-${findings[0].severity}`);
    const list = document.createElement("span");
    list.className = "diagram-findings";
    for (const one of findings) {
      const name = `${words[one.severity]} ${one.number}: ${one.text}`;
      list.append(tag(`finding ${one.severity}`, `${SIGNS[one.severity]} ${one.number}`, name, one.place));
    }
    badge(element, { top: -14, right: 30 }, list);
  });
  each(overlay.marks, (element, kind) => {
    mark(element, `is-${kind}`);
    const isFlow = Boolean(element.waypoints);
    if (!isFlow) badge(element, { bottom: 12, left: 4 }, tag(`mark ${kind}`, `${SIGNS[kind]} ${words[kind]}`));
  });
  for (const element of view.viewer.get("elementRegistry").filter((one) => rowOf(figure, one.id))) mark(element, "has-row");
  figure.querySelector("[data-do=active]").hidden = view.active.length === 0;
}

const SIGNS = { error: "✕", warning: "!", info: "i", added: "+", changed: "~", removed: "−" };

function clear(view, canvas, overlays) {
  overlays.clear();
  for (const [id, name] of view.marked ?? []) canvas.removeMarker(id, name);
  view.marked = [];
}

function tag(kind, text, name = text, place = null) {
  const made = document.createElement(place ? "a" : "span");
  made.className = `diagram-tag ${kind}`;
  made.textContent = text;
  made.title = name;
  if (place) {
    made.href = place;
    made.setAttribute("aria-label", name);
  }
  return made;
}
