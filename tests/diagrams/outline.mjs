/**
 * Outlines of shapes and how far a point, a line or a box is from them.
 *
 * All lengths are diagram units (one unit is one pixel at 100 % zoom), y grows downwards.
 * A distance is signed: negative inside the outline, zero on it, positive outside.
 * Every outline is convex, so its signed distance along a straight line is convex too;
 * `nearest` relies on that.
 */

/** @typedef {{ x: number, y: number }} Point */
/** @typedef {{ x: number, y: number, width: number, height: number }} Box */
/** @typedef {{ form: 'round' | 'diamond' | 'box', box: Box, radius: number }} Outline */

/** Corner radius that bpmn-js draws on activities. */
export const ACTIVITY_RADIUS = 10;

/** @returns {Outline} */
export const boxOutline = (box, radius = 0) => ({ form: 'box', box, radius });

/** @returns {Outline} */
export const roundOutline = (box) => ({ form: 'round', box, radius: box.width / 2 });

/** @returns {Outline} */
export const diamondOutline = (box) => ({ form: 'diamond', box, radius: 0 });

/** @param {Box} box */
export const centreOf = (box) => ({ x: box.x + box.width / 2, y: box.y + box.height / 2 });

/**
 * Return the signed distance from `point` to `outline`.
 *
 * @param {Outline} outline
 * @param {Point} point
 */
export function distanceTo(outline, point) {
  const { box, form, radius } = outline;
  const centre = centreOf(box);
  const dx = Math.abs(point.x - centre.x);
  const dy = Math.abs(point.y - centre.y);

  if (form === 'round') {
    return Math.hypot(dx, dy) - radius;
  }
  if (form === 'diamond') {
    return distanceToDiamond(dx, dy, box.width / 2, box.height / 2);
  }
  const right = dx - box.width / 2 + radius;
  const below = dy - box.height / 2 + radius;
  return Math.hypot(Math.max(right, 0), Math.max(below, 0)) + Math.min(Math.max(right, below), 0) - radius;
}

function distanceToDiamond(dx, dy, halfWidth, halfHeight) {
  const along = (halfWidth * (halfWidth - dx) + halfHeight * dy) / (halfWidth ** 2 + halfHeight ** 2);
  const share = Math.min(Math.max(along, 0), 1);
  const distance = Math.hypot(dx - halfWidth * (1 - share), dy - halfHeight * share);
  return dx / halfWidth + dy / halfHeight < 1 ? -distance : distance;
}

/**
 * Return the least signed distance to `outline` along the line from `start` to `end`.
 *
 * @param {Outline} outline
 * @param {Point} start
 * @param {Point} end
 */
export function nearest(outline, start, end) {
  const at = (share) => distanceTo(outline, {
    x: start.x + (end.x - start.x) * share,
    y: start.y + (end.y - start.y) * share,
  });
  let low = 0;
  let high = 1;
  for (let step = 0; step < 60; step += 1) {
    const third = (high - low) / 3;
    if (at(low + third) <= at(high - third)) {
      high -= third;
    } else {
      low += third;
    }
  }
  return Math.min(at(0), at(1), at((low + high) / 2));
}

/**
 * Return whether `box` covers any part of the inside of `outline`.
 *
 * @param {Box} box
 * @param {Outline} outline
 */
export function covers(box, outline) {
  const right = box.x + box.width;
  const bottom = box.y + box.height;
  const corners = [
    { x: box.x, y: box.y }, { x: right, y: box.y }, { x: right, y: bottom }, { x: box.x, y: bottom },
  ];
  const crossesBorder = corners.some((corner, i) => nearest(outline, corner, corners[(i + 1) % 4]) < -0.5);
  return crossesBorder || contains(box, { ...centreOf(outline.box), width: 0, height: 0 });
}

/** Return the area that two boxes share; boxes that only touch share none. */
export function sharedArea(one, other) {
  const width = Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x);
  const height = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y);
  return Math.max(width, 0) * Math.max(height, 0);
}

/** Return whether two boxes share a point; a common border counts. */
export function meet(one, other) {
  return one.x <= other.x + other.width && other.x <= one.x + one.width
    && one.y <= other.y + other.height && other.y <= one.y + one.height;
}

/** Return whether `inner` lies wholly inside `outer`; a common border is allowed. */
export function contains(outer, inner) {
  return inner.x >= outer.x && inner.y >= outer.y
    && inner.x + inner.width <= outer.x + outer.width
    && inner.y + inner.height <= outer.y + outer.height;
}
