// The diagram of a process, where a page has one: an element with data-diagram="<address of its BPMN>".
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";

for (const place of document.querySelectorAll("[data-diagram]")) {
  const viewer = new NavigatedViewer({ container: place });
  const answer = await fetch(place.dataset.diagram, { credentials: "same-origin" });
  await viewer.importXML(await answer.text());
  viewer.get("canvas").zoom("fit-viewport", "auto");
}
