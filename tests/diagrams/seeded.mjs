/** Small edits of the good diagram, so that each test seeds exactly the fault it is about. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import { checkDiagram } from './check.mjs';

export const GOOD = await readFile(new URL('fixtures/good.bpmn', import.meta.url), 'utf8');

/** An edit that swaps `before` for `after`; it must occur exactly once. */
export const swap = (before, after) => (xml) => {
  assert.equal(xml.split(before).length, 2, `"${before}" must occur once`);
  return xml.replace(before, () => after);
};

/** An edit of the drawing of one element. */
const redraw = (id, edit) => (xml) => {
  const pattern = new RegExp(`<bpmndi:(BPMNShape|BPMNEdge) id="${id}_di"[^]*?</bpmndi:\\1>`);
  assert.match(xml, pattern);
  return xml.replace(pattern, (drawing) => {
    const edited = edit(drawing);
    assert.notEqual(edited, drawing, `the drawing of ${id} must change`);
    return edited;
  });
};

const bounds = ([x, y, width, height]) => `<dc:Bounds x="${x}" y="${y}" width="${width}" height="${height}" />`;

export const undraw = (id) => redraw(id, () => '');
export const place = (id, ...box) => redraw(id, (drawing) => drawing.replace(/<dc:Bounds [^>]*>/, bounds(box)));
export const placeLabel = (id, ...box) => redraw(id, (drawing) => (
  drawing.replace(/(<bpmndi:BPMNLabel>\s*)<dc:Bounds [^>]*>/, (_, opening) => opening + bounds(box))));
export const dropLabel = (id) => redraw(id, (drawing) => (
  drawing.replace(/<bpmndi:BPMNLabel>[^]*<\/bpmndi:BPMNLabel>/, '')));
export const route = (id, ...points) => redraw(id, (drawing) => {
  const waypoints = points.map(([x, y]) => `<di:waypoint x="${x}" y="${y}" />`).join('');
  return drawing.replace(/(<di:waypoint [^>]*>\s*)+/, waypoints);
});

/** The good diagram after `edits`. */
export const seeded = (...edits) => edits.reduce((xml, edit) => edit(xml), GOOD);

/** What the checks find in the good diagram after `edits`, as "rule element: message". */
export async function findingsAfter(...edits) {
  const { findings } = await checkDiagram(seeded(...edits));
  return findings.map(({ rule, element, message }) => `${rule} ${element}: ${message}`);
}
