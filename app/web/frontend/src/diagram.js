// The diagram of a process, wherever a page has one: a figure that templates/diagram.html makes. It is an addition: the
// table beside it says the same, and a diagram that cannot be loaded says so.

import { draw } from "./diagram-marks.js";
import { openView } from "./diagram-view.js";

const views = new Map(); // figure id -> { view, drawn }

async function start(figure) {
  if (figure.dataset.started) return;
  figure.dataset.started = "true";
  try {
    const view = await openView(figure, await bpmnOf(figure.dataset.diagram));
    views.set(figure.id, { view, drawn: "" });
    redraw(figure);
    view.fit();
    figure.dataset.state = "shown";
  } catch (error) {
    console.warn("The diagram could not be loaded.", error);
    figure.dataset.state = "failed";
  }
}

// The BPMN of a definition has an address; that of a file which is only being checked stands in the page, in <data>.
async function bpmnOf(source) {
  if (source.startsWith("#")) return document.querySelector(source).value;
  const answer = await fetch(source, { credentials: "same-origin", headers: { Accept: "application/xml" } });
  if (!answer.ok) throw new Error(`${source}: ${answer.status}`);
  return answer.text();
}

// What is drawn over a diagram is in its figure, or in an element of a region that is polled: data-overlay-for names it.
function redraw(figure) {
  const known = views.get(figure.id);
  if (!known) return;
  const newer = document.querySelector(`[data-overlay-for="${CSS.escape(figure.id)}"]`);
  const overlay = (newer ?? figure).dataset.overlay;
  if (overlay === known.drawn) return;
  known.drawn = overlay;
  draw(known.view, figure, JSON.parse(overlay));
}

function startAll() {
  for (const figure of document.querySelectorAll("figure[data-diagram]")) start(figure);
}

document.addEventListener("htmx:after:swap", () => {
  for (const [id, { view }] of views) {
    const figure = document.getElementById(id);
    if (figure?.contains(view.box)) redraw(figure);
    else {
      view.close();
      views.delete(id);
    }
  }
  startAll();
});

// A text about an element leads to it: <a href="#figure" data-shows="element">.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-shows]");
  if (link) views.get(link.hash.slice(1))?.view.show(link.dataset.shows);
});
startAll();
