import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { boxOutline, covers, diamondOutline, distanceTo, nearest, roundOutline } from './outline.mjs';

const BOX = { x: 0, y: 0, width: 100, height: 60 };

describe('distanceTo', () => {
  const cases = [
    ['the centre of a box', boxOutline(BOX), { x: 50, y: 30 }, -30],
    ['the border of a box', boxOutline(BOX), { x: 100, y: 12 }, 0],
    ['beyond the corner of a box', boxOutline(BOX), { x: 103, y: 64 }, 5],
    ['the cut-off corner of a rounded box', boxOutline(BOX, 10), { x: 0, y: 0 }, 10 * (Math.SQRT2 - 1)],
    ['above a circle', roundOutline({ ...BOX, width: 60 }), { x: 30, y: -7 }, 7],
    ['the centre of a circle', roundOutline({ ...BOX, width: 60 }), { x: 30, y: 30 }, -30],
    ['the corner of a diamond', diamondOutline({ ...BOX, width: 60 }), { x: 60, y: 30 }, 0],
    ['the slant of a diamond', diamondOutline({ ...BOX, width: 60 }), { x: 45, y: 15 }, 0],
    ['the bounds beside a diamond', diamondOutline({ ...BOX, width: 60 }), { x: 60, y: 0 }, 30 * Math.SQRT1_2],
    ['the centre of a flat diamond', diamondOutline(BOX), { x: 50, y: 30 }, -1500 / Math.hypot(50, 30)],
  ];
  for (const [name, outline, point, expected] of cases) {
    it(`measures ${name}`, () => {
      assert.ok(Math.abs(distanceTo(outline, point) - expected) < 1e-9, String(distanceTo(outline, point)));
    });
  }
});

describe('nearest', () => {
  it('finds the deepest point of a line through a shape', () => {
    const circle = roundOutline({ ...BOX, width: 60 });

    assert.ok(Math.abs(nearest(circle, { x: -500, y: 10 }, { x: 900, y: 10 }) + 10) < 1e-6);
  });

  it('finds the end of a line that stops short of a shape', () => {
    assert.ok(Math.abs(nearest(boxOutline(BOX), { x: -90, y: 30 }, { x: -4, y: 30 }) - 4) < 1e-6);
  });
});

describe('covers', () => {
  it('is true for a box inside, around and across a diamond, and false beside its slant', () => {
    const diamond = diamondOutline({ x: 0, y: 0, width: 60, height: 60 });

    assert.ok(covers({ x: 28, y: 28, width: 4, height: 4 }, diamond));
    assert.ok(covers({ x: -10, y: -10, width: 80, height: 80 }, diamond));
    assert.ok(covers({ x: 40, y: 25, width: 40, height: 10 }, diamond));
    assert.ok(!covers({ x: 50, y: 0, width: 40, height: 10 }, diamond));
  });
});
