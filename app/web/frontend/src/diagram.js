// The diagram of a process, wherever a page has one: a figure that templates/diagram.html makes. It is an addition: the
// table beside it says the same, and a diagram that cannot be loaded says so.

import { draw } from "./diagram-marks.js";
import { openView } from "./diagram-view.js";

const views = new Map(); // figure id -> { view, drawn }

async function start(figure) {
  if (figure.dataset.started) return;
  figure.dataset.started = "true";
  try {
    const answer = await fetch(figure.dataset.diagram, { credentials: "same-origin", headers: { Accept: "application/xml" } });
    if (!answer.ok) throw new Error(`${figure.dataset.diagram}: ${answer.status}`);
    const view = await openView(figure, await answer.text());
    views.set(figure.id, { view, drawn: "" });
    redraw(figure);
    view.fit();
    figure.dataset.state = "shown";
  } catch (error) {
    console.warn("The diagram could not be loaded.", error);
    figure.dataset.state = "failed";
  }
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
startAll();
