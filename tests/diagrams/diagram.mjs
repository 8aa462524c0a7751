/** Reads a BPMN file and lays out what is drawn in it as plain shapes, flows and labels. */

import { createRequire } from 'node:module';

import { BpmnModdle } from 'bpmn-moddle';

import { ACTIVITY_RADIUS, boxOutline, diamondOutline, roundOutline } from './outline.mjs';

const camunda = createRequire(import.meta.url)('camunda-bpmn-moddle/resources/camunda.json');

/** Width of the strip that carries the name of a horizontal pool or lane in bpmn-js. */
export const HEADER = 30;

/** @typedef {import('./outline.mjs').Box} Box */
/** @typedef {import('./outline.mjs').Point} Point */
/** @typedef {{ rule: string, element: string, message: string }} Finding */

/**
 * @typedef {object} Shape
 * @property {string} id
 * @property {Box} box
 * @property {import('./outline.mjs').Outline} outline
 * @property {object} element the moddle element
 * @property {string | null} host id of the activity a boundary event sits on
 * @property {string[]} ancestors ids of the sub-processes and the process around it
 */

/**
 * @typedef {object} Area a pool or a lane
 * @property {string} id
 * @property {Box} box
 * @property {Box} header the strip with its name
 * @property {Box} inside what is left beside the strip
 * @property {boolean} vertical
 * @property {object} element
 */

/**
 * @typedef {object} Segment
 * @property {Point} start
 * @property {Point} end
 * @property {'horizontal' | 'vertical' | 'slanted'} course
 * @property {boolean} first
 * @property {boolean} last
 */

/**
 * @typedef {object} Flow
 * @property {string} id
 * @property {string | undefined} source undefined where the reference is broken
 * @property {string | undefined} target
 * @property {'sequence' | 'message' | 'association'} kind
 * @property {Segment[]} segments unbroken: waypoints on a straight line are dropped
 * @property {Point} start
 * @property {Point} end
 */

/**
 * @typedef {object} Layout one plane of the file
 * @property {Area[]} pools
 * @property {Area[]} lanes
 * @property {Shape[]} shapes flow nodes, data and annotations
 * @property {Flow[]} flows
 * @property {{ id: string, box: Box, element: object }[]} labels
 * @property {string[]} unplacedLabels ids of named elements without label bounds
 */

/**
 * Parse `xml` with Camunda's descriptors.
 *
 * @param {string} xml
 * @returns {Promise<{ definitions: object | null, findings: Finding[] }>} every import warning is a finding
 */
export async function readDiagram(xml) {
  const toFinding = (warning) => ({
    rule: 'import', element: warning.element?.id ?? '-', message: warning.message.trim().split('\n')[0],
  });
  try {
    const { rootElement, warnings } = await new BpmnModdle({ camunda }).fromXML(xml);
    return { definitions: rootElement, findings: warnings.map(toFinding) };
  } catch (error) {
    return { definitions: null, findings: [toFinding(error), ...(error.warnings ?? []).map(toFinding)] };
  }
}

/**
 * Lay out every plane of the file; a collapsed sub-process has a plane of its own.
 *
 * @returns {Layout[]}
 */
export function layOut(definitions) {
  return (definitions.diagrams ?? []).map((diagram) => layOutPlane(diagram.plane.planeElement ?? []));
}

function layOutPlane(planeElements) {
  const drawn = planeElements.filter((di) => di.bpmnElement);
  const shapeDis = drawn.filter((di) => di.$instanceOf('bpmndi:BPMNShape'));
  const isArea = (di) => ['bpmn:Participant', 'bpmn:Lane'].some((type) => di.bpmnElement.$instanceOf(type));
  const areas = (type) => shapeDis.filter((di) => di.bpmnElement.$instanceOf(type)).map(toArea);
  const labelled = drawn.filter((di) => labelText(di.bpmnElement));

  return {
    pools: areas('bpmn:Participant'),
    lanes: areas('bpmn:Lane'),
    shapes: shapeDis.filter((di) => !isArea(di) && !di.bpmnElement.$instanceOf('bpmn:Group')).map(toShape),
    flows: drawn.filter((di) => di.$instanceOf('bpmndi:BPMNEdge')).map(toFlow),
    labels: labelled.filter((di) => di.label?.bounds).map((di) => ({
      id: di.bpmnElement.id, box: toBox(di.label.bounds), element: di.bpmnElement,
    })),
    unplacedLabels: labelled.filter((di) => !di.label?.bounds).map((di) => di.bpmnElement.id),
  };
}

/** The name, where bpmn-js draws it outside the element. */
function labelText(element) {
  const outside = ['bpmn:Event', 'bpmn:Gateway', 'bpmn:SequenceFlow', 'bpmn:MessageFlow',
    'bpmn:DataObjectReference', 'bpmn:DataStoreReference', 'bpmn:DataInput', 'bpmn:DataOutput'];
  return outside.some((type) => element.$instanceOf(type)) ? element.name : undefined;
}

function toBox({ x, y, width, height }) {
  return { x, y, width, height };
}

function toArea(di) {
  const box = toBox(di.bounds);
  return {
    id: di.bpmnElement.id,
    box,
    header: { ...box, width: HEADER },
    inside: { ...box, x: box.x + HEADER, width: box.width - HEADER },
    vertical: di.isHorizontal === false,
    element: di.bpmnElement,
  };
}

function toShape(di) {
  const element = di.bpmnElement;
  const box = toBox(di.bounds);
  return {
    id: element.id,
    box,
    outline: outlineOf(element, box),
    element,
    host: element.attachedToRef?.id ?? null,
    ancestors: ancestorsOf(element),
  };
}

function outlineOf(element, box) {
  if (element.$instanceOf('bpmn:Event')) {
    return roundOutline(box);
  }
  if (element.$instanceOf('bpmn:Gateway')) {
    return diamondOutline(box);
  }
  return boxOutline(box, element.$instanceOf('bpmn:Activity') ? ACTIVITY_RADIUS : 0);
}

function ancestorsOf(element) {
  const ids = [];
  for (let parent = element.$parent; parent; parent = parent.$parent) {
    ids.push(parent.id);
  }
  return ids;
}

function toFlow(di) {
  const flow = di.bpmnElement;
  const points = withoutStraightPoints((di.waypoint ?? []).map(({ x, y }) => ({ x, y })));
  return {
    id: flow.id,
    ...endsOf(flow),
    kind: kindOf(flow),
    segments: points.slice(1).map((end, i) => ({
      start: points[i], end, course: courseOf(points[i], end), first: i === 0, last: i === points.length - 2,
    })),
    start: points[0],
    end: points[points.length - 1],
  };
}

function kindOf(flow) {
  if (flow.$instanceOf('bpmn:SequenceFlow')) {
    return 'sequence';
  }
  return flow.$instanceOf('bpmn:MessageFlow') ? 'message' : 'association';
}

/** A data association has one end as its reference and its activity as its parent. */
function endsOf(flow) {
  if (!flow.$instanceOf('bpmn:DataAssociation')) {
    return { source: flow.sourceRef?.id, target: flow.targetRef?.id };
  }
  const activity = flow.$parent.id;
  return flow.$instanceOf('bpmn:DataInputAssociation')
    ? { source: flow.sourceRef?.[0]?.id, target: activity }
    : { source: activity, target: flow.targetRef?.id };
}

function courseOf(start, end) {
  if (Math.abs(start.y - end.y) < 0.5) {
    return 'horizontal';
  }
  return Math.abs(start.x - end.x) < 0.5 ? 'vertical' : 'slanted';
}

function withoutStraightPoints(points) {
  const moved = points.filter((p, i) => i === 0 || p.x !== points[i - 1].x || p.y !== points[i - 1].y);
  return moved.filter((p, i) => {
    if (i === 0 || i === moved.length - 1) {
      return true;
    }
    const before = moved[i - 1];
    const after = moved[i + 1];
    const into = { x: p.x - before.x, y: p.y - before.y };
    const out = { x: after.x - p.x, y: after.y - p.y };
    return into.x * out.y !== into.y * out.x || into.x * out.x + into.y * out.y < 0;
  });
}
