// A viewer in a figure: how it opens, its buttons, and how one moves about in it.

import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";

const MARGIN = 24;
const SMALL = 0.5; // the scale below which names are too small to be read
const READABLE = 0.9; // the scale at which a step's name can be read
const OWN_COLOURS = ["color:background-color", "color:border-color", "bioc:fill", "bioc:stroke"];

export async function openView(figure, xml) {
  const box = figure.querySelector("[data-canvas]");
  const viewer = new NavigatedViewer({
    container: box,
    zoomScroll: { enabled: false },
    bpmnRenderer: {
      defaultFillColor: "var(--diagram-fill)",
      defaultStrokeColor: "var(--diagram-stroke)",
      defaultLabelColor: "var(--diagram-ink)",
    },
  });
  viewer.on("import.parse.complete", ({ definitions }) => definitions && plain(definitions));
  await viewer.importXML(xml);
  const view = viewOf(figure, box, viewer);
  listen(figure, view);
  return view;
}

// Colours that a drawing brings along would tell a state that is not there, and cannot be read on a dark ground.
function plain(definitions) {
  for (const diagram of definitions.diagrams ?? []) {
    for (const di of diagram.plane?.planeElement ?? []) {
      for (const name of OWN_COLOURS) if (di.get(name) !== undefined) di.set(name, undefined);
      if (di.label?.get("color:color") !== undefined) di.label.set("color:color", undefined);
    }
  }
}

function viewOf(figure, box, viewer) {
  const canvas = viewer.get("canvas");
  const registry = viewer.get("elementRegistry");
  const svg = box.querySelector(".djs-container > svg");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", figure.dataset.name);
  let next = 0;
  const view = {
    viewer,
    box,
    active: [],
    moved: false,
    // An element of a called process is shown where it is called: `call/step` is at `call`.
    find: (id) => registry.get(id) ?? (id.includes("/") ? registry.get(id.split("/")[0]) : undefined),
    zoom(by) {
      const { outer } = canvas.viewbox();
      canvas.zoom(Math.min(Math.max(canvas.zoom() * by, 0.1), 4), { x: outer.width / 2, y: outer.height / 2 });
      view.moved = true;
    },
    // Whole, never larger than drawn; what would be too small then is as wide as the box, and begins at its top.
    fit() {
      canvas.resized();
      const { inner, outer } = canvas.viewbox();
      if (!outer.width || !outer.height) return; // it is not shown at present, as on paper
      const wide = Math.min(outer.width / (inner.width + 2 * MARGIN), 1);
      const whole = Math.min(outer.height / (inner.height + 2 * MARGIN), wide);
      const scale = whole < SMALL ? wide : whole;
      const width = outer.width / scale;
      const height = outer.height / scale;
      const spare = height - inner.height;
      const y = inner.y - (spare > 2 * MARGIN ? spare / 2 : MARGIN);
      canvas.viewbox({ x: inner.x - (width - inner.width) / 2, y, width, height });
      view.moved = false;
    },
    // One active step after the other, large enough to be read.
    toActive: () => reveal(view.active[next++ % view.active.length]),
    show(id) {
      const element = view.find(id);
      if (element) reveal(element);
    },
    fullScreen: () => (document.fullscreenElement ? document.exitFullscreen() : figure.requestFullscreen()),
    close() {
      watch.disconnect();
      viewer.destroy();
    },
  };
  const reveal = (element) => {
    const root = canvas.findRoot(element);
    if (root && root !== canvas.getRootElement()) canvas.setRootElement(root);
    const { outer, scale } = canvas.viewbox();
    const width = outer.width / Math.max(scale, READABLE);
    const height = outer.height / Math.max(scale, READABLE);
    const { x, y } = element.waypoints?.[element.waypoints.length >> 1] ?? {
      x: element.x + element.width / 2,
      y: element.y + element.height / 2,
    };
    canvas.viewbox({ x: x - width / 2, y: y - height / 2, width, height });
    view.moved = true;
  };
  const watch = new ResizeObserver(() => {
    if (!view.moved) view.fit();
    else if (box.clientWidth) canvas.resized();
  });
  watch.observe(box);
  viewer.on("canvas.viewbox.changed", () => figure.classList.toggle("is-small", canvas.zoom() < SMALL));
  return view;
}

function listen(figure, view) {
  const acts = {
    in: () => view.zoom(1.25),
    out: () => view.zoom(0.8),
    fit: view.fit,
    active: view.toActive,
    full: view.fullScreen,
  };
  for (const button of figure.querySelectorAll("button[data-do]")) {
    button.addEventListener("click", acts[button.dataset.do]);
    if (button.dataset.do === "full") button.hidden = !document.fullscreenEnabled;
  }
  figure.addEventListener("fullscreenchange", () => {
    figure.querySelector("[data-do=full]").setAttribute("aria-pressed", String(document.fullscreenElement === figure));
    requestAnimationFrame(view.fit);
  });
  view.box.addEventListener("pointerdown", () => (view.moved = true));
  // The wheel moves the page, as everywhere on it; with Ctrl, or when the diagram is all there is, the diagram.
  const zoomScroll = view.viewer.get("zoomScroll");
  const ours = (event) => zoomScroll.toggle(event.ctrlKey || document.fullscreenElement === figure);
  view.box.addEventListener("wheel", ours, { capture: true, passive: true });
  view.viewer.on("element.click", ({ element }) => {
    const row = rowOf(figure, element.id.replace(/_label$/, ""));
    if (row) location.hash = row.id;
  });
}

export function rowOf(figure, id) {
  return document.getElementById(figure.dataset.rows + id);
}
