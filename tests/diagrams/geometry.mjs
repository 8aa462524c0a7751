/**
 * The house rules for how an SOP is drawn, checked on the diagram interchange.
 *
 * Pools lie horizontally, lanes tile them, every shape lies in its lane, nothing covers anything else,
 * flows are orthogonal and run clear of what they do not connect. Each rule has a name, listed in README.md.
 */

import { contains, covers, distanceTo, centreOf, meet, nearest, sharedArea } from './outline.mjs';
import { layOut } from './diagram.mjs';

/** How far the end of a flow may be from the border it should lie on; the Modeler rounds to whole units. */
const DOCKING_TOLERANCE = 1;
/** Parallel lines closer than this look like one. */
const SAME_LINE = 3;
/** The longest stretch that two flows may share. */
const LONGEST_SHARED_STRETCH = 20;
/** How deep a line may reach into the bounds of a label before it runs through the text. */
const LABEL_SLACK = 1;

/** @typedef {import('./diagram.mjs').Finding} Finding */
/** @typedef {import('./diagram.mjs').Layout} Layout */

/**
 * Check every plane of the file.
 *
 * @returns {{ findings: Finding[], crossings: number }} crossings is a figure, not a fault
 */
export function checkGeometry(definitions) {
  const layouts = layOut(definitions);
  const rules = [
    checkAreas, checkLanes, checkSubProcesses, checkOverlaps, checkCourses, checkDocking, checkWayThrough,
    checkLabels, checkFlowsThroughLabels, checkSharedStretches, checkLaneBorders,
  ];
  const findings = layouts.flatMap((layout) => rules.flatMap((rule) => rule(layout)));
  return {
    findings: [...checkDrawn(definitions, layouts), ...findings],
    crossings: layouts.reduce((sum, layout) => sum + countCrossings(layout), 0),
  };
}

const finding = (rule, element, message) => ({ rule: `geometry/${rule}`, element, message });

const pairs = (items) => items.flatMap((one, i) => items.slice(i + 1).map((other) => [one, other]));

const isFlowNode = (shape) => shape.element.$instanceOf('bpmn:FlowNode');

/** Lanes that are not divided further. */
const leafLanes = (layout) => layout.lanes.filter((lane) => !lane.element.childLaneSet?.lanes?.length);

/** Every flow node, flow and lane of the file has a place in a diagram. */
function checkDrawn(definitions, layouts) {
  const drawn = new Set(layouts.flatMap(({ pools, lanes, shapes, flows }) => (
    [...pools, ...lanes, ...shapes, ...flows].map(({ id }) => id))));
  const roots = definitions.rootElements ?? [];
  const collaborations = roots.filter((root) => root.$instanceOf('bpmn:Collaboration'));
  const expected = [
    ...roots.filter((root) => root.$instanceOf('bpmn:Process')).flatMap(partsOf),
    ...collaborations.flatMap((root) => [...(root.participants ?? []), ...(root.messageFlows ?? [])]),
  ];
  return expected.filter(({ id }) => !drawn.has(id)).map(({ id }) => finding('drawn', id, 'is not in the diagram'));
}

function partsOf(scope) {
  const elements = (scope.flowElements ?? []).filter((element) => (
    ['bpmn:FlowNode', 'bpmn:SequenceFlow'].some((type) => element.$instanceOf(type))));
  const lanes = (scope.laneSets ?? []).flatMap(lanesOf);
  return [...lanes, ...elements, ...elements.flatMap(partsOf)];
}

const lanesOf = (laneSet) => (laneSet.lanes ?? []).flatMap((lane) => [
  lane, ...(lane.childLaneSet ? lanesOf(lane.childLaneSet) : []),
]);

/** Pools and lanes are horizontal; the lanes of a pool or lane fill it without gap or overlap. */
function checkAreas(layout) {
  const { pools, lanes } = layout;
  const upright = [...pools, ...lanes].filter(({ vertical }) => vertical)
    .map(({ id }) => finding('horizontal', id, 'is drawn vertically'));
  const untiled = [...pools, ...lanes].flatMap((area) => checkTiling(area, childLanes(area, lanes)));
  const overlaps = pairs(pools).filter(([one, other]) => meet(one.box, other.box))
    .map(([one, other]) => finding('overlap', one.id, `overlaps ${other.id}`));
  return [...upright, ...untiled, ...overlaps];
}

function childLanes(area, lanes) {
  const sets = area.element.childLaneSet ? [area.element.childLaneSet] : area.element.processRef?.laneSets ?? [];
  const children = new Set(sets.flatMap((set) => set.lanes ?? []));
  return lanes.filter((lane) => children.has(lane.element));
}

function checkTiling(area, lanes) {
  if (lanes.length === 0) {
    return [];
  }
  const outside = lanes.filter((lane) => !contains(area.inside, lane.box))
    .map((lane) => finding('lanes-tile', lane.id, `is not inside ${area.id}`));
  const overlaps = pairs(lanes).filter(([one, other]) => sharedArea(one.box, other.box) > 0)
    .map(([one, other]) => finding('lanes-tile', one.id, `overlaps ${other.id}`));
  if (outside.length > 0 || overlaps.length > 0) {
    return [...outside, ...overlaps];
  }
  const gap = areaOf(area.inside) - lanes.reduce((sum, lane) => sum + areaOf(lane.box), 0);
  return gap > 0 ? [finding('lanes-tile', area.id, `has ${gap} square units that no lane covers`)] : [];
}

const areaOf = (box) => box.width * box.height;

/** Every flow node belongs to one lane and lies beside that lane's name strip, inside its bounds. */
function checkLanes(layout) {
  const nodes = layout.shapes.filter(isFlowNode);
  return nodes.flatMap((node) => {
    const pool = poolOf(node, layout);
    const misplaced = pool && !contains(pool.inside, node.box)
      ? [finding('in-lane', node.id, `is not wholly inside the pool ${pool.id}`)] : [];
    const process = node.element.$parent;
    if (!process.laneSets?.some((set) => set.lanes?.length)) {
      return misplaced;
    }
    const lanes = lanesOfNode(node, layout);
    if (lanes.length !== 1) {
      return [finding('in-lane', node.id, `belongs to ${lanes.length} lanes`)];
    }
    return contains(lanes[0].inside, node.box)
      ? [] : [finding('in-lane', node.id, `is not wholly inside its lane ${lanes[0].id}`)];
  });
}

const poolOf = (shape, { pools }) => pools.find(({ element }) => (
  element.processRef && shape.ancestors.includes(element.processRef.id)));

const lanesOfNode = (node, layout) => leafLanes(layout).filter(({ element }) => (
  element.flowNodeRef?.includes(node.element)));

/** What is inside an expanded sub-process stays inside its border. */
function checkSubProcesses({ shapes }) {
  const byId = new Map(shapes.map((shape) => [shape.id, shape]));
  return shapes.flatMap((shape) => {
    const parent = byId.get(shape.ancestors[0]);
    return parent && !contains(parent.box, shape.box)
      ? [finding('in-sub-process', shape.id, `is not wholly inside ${parent.id}`)] : [];
  });
}

/** No two shapes touch, but for a boundary event and its host and a sub-process and its parts. */
function checkOverlaps({ shapes }) {
  const related = (one, other) => one.host === other.id || other.host === one.id
    || one.ancestors.includes(other.id) || other.ancestors.includes(one.id);
  const overlaps = pairs(shapes)
    .filter(([one, other]) => !related(one, other) && meet(one.box, other.box))
    .map(([one, other]) => finding('overlap', one.id, `overlaps ${other.id}`));
  const byId = new Map(shapes.map((shape) => [shape.id, shape]));
  const detached = shapes
    .filter(({ host }) => byId.has(host))
    .filter((event) => Math.abs(distanceTo(byId.get(event.host).outline, centreOf(event.box))) > DOCKING_TOLERANCE)
    .map((event) => finding('boundary-event', event.id, `is not centred on the border of ${event.host}`));
  return [...overlaps, ...detached];
}

/** Flows run horizontally and vertically; associations may slant, as the Modeler draws them. */
function checkCourses({ flows }) {
  const slanted = flows.filter((flow) => flow.kind !== 'association')
    .filter((flow) => flow.segments.some(({ course }) => course === 'slanted'));
  return slanted.map(({ id }) => finding('orthogonal', id, 'has a slanted segment'));
}

/** A flow begins on the border of its source, ends on that of its target and stays outside both. */
function checkDocking(layout) {
  const ends = new Map([...layout.shapes, ...layout.pools].map((end) => [end.id, end.outline ?? poolOutline(end)]));
  return layout.flows.flatMap((flow) => {
    if (flow.segments.length === 0) {
      return [finding('docking', flow.id, 'has no length')];
    }
    const docks = [
      ['begin', 'source', flow.source, flow.start, flow.segments[0].end],
      ['end', 'target', flow.target, flow.end, flow.segments.at(-1).start],
    ].filter(([, , id]) => ends.has(id));
    return docks.flatMap(([verb, role, id, point]) => {
      const off = Math.abs(distanceTo(ends.get(id), point));
      if (off > DOCKING_TOLERANCE) {
        const where = `the border of its ${role} ${id} (${off.toFixed(1)} off)`;
        return [finding('docking', flow.id, `does not ${verb} on ${where}`)];
      }
      const depth = Math.min(...flow.segments.map(({ start, end }) => nearest(ends.get(id), start, end)));
      return depth < -DOCKING_TOLERANCE && !flowStaysInside(flow, id, layout)
        ? [finding('through-shape', flow.id, `runs through its own ${role} ${id}`)] : [];
    });
  });
}

const poolOutline = (pool) => ({ form: 'box', box: pool.box, radius: 0 });

/** A message flow between a pool and a part of the same pool has no outside to stay in. */
const flowStaysInside = (flow, id, { shapes }) => shapes.some((shape) => (
  shape.ancestors.includes(id) && [flow.source, flow.target].includes(shape.id)));

/** No flow passes through or touches a shape that it does not connect, or the name strip of a pool or lane. */
function checkWayThrough({ flows, shapes, pools, lanes }) {
  const byId = new Map(shapes.map((shape) => [shape.id, shape]));
  return flows.flatMap((flow) => {
    const ends = [flow.source, flow.target];
    const around = new Set(ends.flatMap((id) => byId.get(id)?.ancestors ?? []));
    const foreign = shapes
      .filter(({ id }) => !ends.includes(id) && !around.has(id))
      .filter(({ outline }) => flow.segments.some(({ start, end }) => nearest(outline, start, end) < 0.5))
      .map(({ id }) => finding('through-shape', flow.id, `passes through ${id}`));
    const strips = [...pools, ...lanes]
      .filter(({ header, id }) => !ends.includes(id) && crossesBox(flow, header, 0))
      .map(({ id }) => finding('name-strip', flow.id, `passes over the name of ${id}`));
    return [...foreign, ...strips];
  });
}

const crossesBox = (flow, box, slack) => flow.segments.some(({ start, end }) => (
  nearest({ form: 'box', box, radius: 0 }, start, end) < -slack));

/** Labels have a place of their own: in the right lane, clear of shapes, of other labels and of name strips. */
function checkLabels(layout) {
  const { labels, shapes, pools, lanes, unplacedLabels } = layout;
  const unplaced = unplacedLabels.map((id) => finding('label-place', id, 'has a name but no label bounds'));
  const collisions = pairs(labels).filter(([one, other]) => sharedArea(one.box, other.box) > 0)
    .map(([one, other]) => finding('label-overlap', one.id, `its label overlaps the label of ${other.id}`));
  const placed = labels.flatMap((label) => {
    const ancestors = ancestorsOf(label, layout);
    const covered = shapes.filter((shape) => !ancestors.includes(shape.id) && covers(label.box, shape.outline))
      .map(({ id }) => finding('label-overlap', label.id, `its label overlaps ${id}`));
    const strips = [...pools, ...lanes].filter(({ header }) => sharedArea(label.box, header) > 0)
      .map(({ id }) => finding('name-strip', label.id, `its label covers the name of ${id}`));
    return [...covered, ...strips, ...checkLabelLane(label, layout)];
  });
  return [...unplaced, ...collisions, ...placed];
}

function ancestorsOf({ element }, { shapes }) {
  const ids = new Set(shapes.map(({ id }) => id));
  const found = [];
  for (let parent = element.$parent; parent; parent = parent.$parent) {
    if (ids.has(parent.id)) {
      found.push(parent.id);
    }
  }
  return found;
}

function checkLabelLane(label, layout) {
  const candidates = leafLanes(layout);
  if (candidates.length === 0 || label.element.$instanceOf('bpmn:MessageFlow')) {
    return [];
  }
  const own = candidates.filter(({ element }) => element.flowNodeRef?.includes(label.element));
  const allowed = own.length > 0 ? own : candidates;
  return allowed.some((lane) => contains(lane.box, label.box))
    ? [] : [finding('label-lane', label.id, `its label is not wholly inside ${own[0]?.id ?? 'one lane'}`)];
}

/** No flow runs through a label, not even through its own. */
function checkFlowsThroughLabels({ flows, labels }) {
  return flows.flatMap((flow) => labels
    .filter(({ box }) => crossesBox(flow, box, LABEL_SLACK))
    .map(({ id }) => (id === flow.id ? 'its own label' : `the label of ${id}`))
    .map((whose) => finding('through-label', flow.id, `runs through ${whose}`)));
}

/** Two flows share a line only where they leave the same source or reach the same target. */
function checkSharedStretches({ flows }) {
  return pairs(flows).flatMap(([one, other]) => {
    const joins = (a, b) => (one.source === other.source && a.first && b.first)
      || (one.target === other.target && a.last && b.last);
    const stretches = one.segments.flatMap((a) => other.segments
      .filter((b) => !joins(a, b))
      .map((b) => sharedStretch(a, b)));
    const longest = Math.max(0, ...stretches);
    return longest > LONGEST_SHARED_STRETCH
      ? [finding('shared-line', one.id, `runs on top of ${other.id} for ${Math.round(longest)} units`)] : [];
  });
}

/** Length over which two parallel segments lie on one line. */
function sharedStretch(one, other) {
  if (one.course !== other.course || one.course === 'slanted') {
    return 0;
  }
  const [along, across] = one.course === 'horizontal' ? ['x', 'y'] : ['y', 'x'];
  if (Math.abs(one.start[across] - other.start[across]) > SAME_LINE) {
    return 0;
  }
  const [low, high] = extent(one, along);
  const [otherLow, otherHigh] = extent(other, along);
  return Math.min(high, otherHigh) - Math.max(low, otherLow);
}

function extent({ start, end }, axis) {
  return [Math.min(start[axis], end[axis]), Math.max(start[axis], end[axis])];
}

/** No flow runs along the border of a lane or pool, and no sequence flow leaves its pool. */
function checkLaneBorders({ flows, pools, lanes }) {
  const areas = [...pools, ...lanes];
  return flows.flatMap((flow) => {
    const along = areas
      .filter(({ box }) => bordersOf(box).some((border) => flow.segments.some((segment) => (
        sharedStretch(segment, border) > LONGEST_SHARED_STRETCH))))
      .map(({ id }) => finding('shared-line', flow.id, `runs along the border of ${id}`));
    const points = [flow.start, ...flow.segments.map(({ end }) => end)].filter(Boolean);
    const leaves = flow.kind === 'sequence' && pools.length > 0
      && !pools.some(({ box }) => points.every((point) => contains(box, { ...point, width: 0, height: 0 })));
    return leaves ? [...along, finding('in-pool', flow.id, 'leaves its pool')] : along;
  });
}

function bordersOf({ x, y, width, height }) {
  const right = x + width;
  const bottom = y + height;
  return [
    { course: 'horizontal', start: { x, y }, end: { x: right, y } },
    { course: 'horizontal', start: { x, y: bottom }, end: { x: right, y: bottom } },
    { course: 'vertical', start: { x, y }, end: { x, y: bottom } },
    { course: 'vertical', start: { x: right, y }, end: { x: right, y: bottom } },
  ];
}

/** Count the places where a horizontal segment of one flow crosses a vertical one of another. */
function countCrossings({ flows }) {
  const crosses = (a, b) => {
    if (a.course !== 'horizontal' || b.course !== 'vertical') {
      return false;
    }
    const [left, right] = extent(a, 'x');
    const [top, bottom] = extent(b, 'y');
    return left < b.start.x && b.start.x < right && top < a.start.y && a.start.y < bottom;
  };
  return pairs(flows).reduce((sum, [one, other]) => sum + one.segments.reduce((count, a) => (
    count + other.segments.filter((b) => crosses(a, b) || crosses(b, a)).length), 0), 0);
}
