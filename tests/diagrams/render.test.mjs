import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { render, startBrowser } from './render.mjs';
import { place, seeded, swap } from './seeded.mjs';

describe('render', () => {
  let browser;
  let folder;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'diagrams-'));
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await rm(folder, { recursive: true });
  });

  const draw = (...edits) => render(browser, seeded(...edits), join(folder, 'drawn.png'));
  const textFindingsAfter = async (...edits) => (
    (await draw(...edits)).findings.map(({ rule, element, message }) => `${rule} ${element}: ${message}`));

  it('draws the good diagram on an A3 sheet at 150 dots an inch', async () => {
    const { findings } = await draw();

    const png = await readFile(join(folder, 'drawn.png'));
    assert.deepEqual(findings, []);
    assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [2480, 1754]);
  });

  it('gives the smallest text in points: 11 units, 1000 units over 400 mm', async () => {
    const { smallestFont } = await draw();

    assert.ok(Math.abs(smallestFont - 11 * (400 / 1000) * (72 / 25.4)) < 0.05, String(smallestFont));
  });

  it('gives half the size for a pool of twice the width', async () => {
    const { smallestFont } = await draw(place('Pool', 100, 100, 2000, 400));

    assert.ok(Math.abs(smallestFont - 11 * (400 / 2000) * (72 / 25.4)) < 0.05, String(smallestFont));
  });

  it('finds text that spills over its task', async () => {
    const name = 'Memeriksa nota dinas yang disampaikan oleh staf kepada kepala bagian dan kepala perangkat daerah';

    const findings = await textFindingsAfter(swap('name="Memeriksa nota"', `name="${name}"`));

    assert.equal(findings.length, 1);
    assert.match(findings[0], /^render\/text-fits Check: its text of \d+ lines spills over its bounds$/);
  });

  it('finds text that runs over the icon of its task', async () => {
    const name = 'Memeriksa nota dinas dari staf sebelum paraf kepala bagian';

    assert.deepEqual(await textFindingsAfter(swap('name="Memeriksa nota"', `name="${name}"`)),
      ['render/text-fits Check: its text runs over its icon']);
  });

  it('finds text that runs under a boundary event', async () => {
    assert.deepEqual(await textFindingsAfter(swap('name="Menyusun"', 'name="Menyusun nota"')),
      ['render/text-fits Draft: its text runs under a boundary event']);
  });

  it('finds a label that needs more room than the file reserves', async () => {
    assert.deepEqual(await textFindingsAfter(swap('name="Diingatkan"', 'name="Diingatkan sekali lagi"')),
      ['render/text-fits Reminded: its text of 2 lines spills over its bounds']);
  });

  it('finds the name of a lane that does not fit on its strip', async () => {
    const name = 'Kepala Bagian Perencanaan dan Keuangan Sekretariat Dinas Perumahan dan Kawasan Permukiman';

    const findings = await textFindingsAfter(swap('name="Kepala Bagian"', `name="${name}"`));

    assert.equal(findings.length, 1);
    assert.match(findings[0], /^render\/text-fits Lane_Kepala: its text of \d+ lines spills over its bounds$/);
  });

  it('passes on what the viewer warns about', async () => {
    const { findings } = await draw(swap('messageRef="Message_1"', 'messageRef="Message_2"'));

    assert.deepEqual(findings, [{ rule: 'render/import', element: '-', message: 'unresolved reference <Message_2>' }]);
  });
});
