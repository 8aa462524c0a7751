/**
 * Takes the pictures of docs/panduan-analis.md in the editor that Camunda Modeler contains:
 * `node guide.mjs [--out folder]`, by default into docs/images/. The diagram that the guide comes to is written
 * to build/guide/, for a deployment.
 *
 * Exit status: 0 taken, 2 no Chromium. The environment variable CHROMIUM names another browser than /usr/bin/chromium.
 */

import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { build } from 'esbuild';

import { isStarted } from './command.mjs';
import { startBrowser } from './render.mjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const DIAGRAM = path('../../bpmn/pengumpulan-data-kinerja.bpmn');
const TEMPLATES = path('../../bpmn/.camunda/element-templates/');
const PICTURES = path('../../docs/images/');
const RESULT = path('../../build/guide/');

const WINDOW = { width: 1280, height: 640 };
const FONTS = Object.fromEntries(['.woff2', '.woff', '.ttf', '.eot', '.svg'].map((ending) => [ending, 'dataurl']));
const STYLE = `
  html, body { margin: 0; height: 100%; background: white; font-family: Arial, sans-serif }
  #all { display: flex; height: 100% }
  #canvas { flex: 1; position: relative }
  #panel { width: 340px; height: 100%; border-left: 1px solid #ccc }
  .djs-minimap, .bjs-powered-by { display: none }`;

/**
 * The pictures in the order of the guide: what is edited before, what is selected, which groups of the properties
 * panel are open, and which part of the diagram is shown.
 */
const SHOTS = [
  { file: 'panduan-sop.png', select: null },
  { file: 'panduan-waktu.png', edit: "guide.setProperty('kegiatan_02', 'waktu', 'PT1H')", select: 'kegiatan_02',
    open: ['Mutu baku'], view: { x: 200, y: 210, width: 660, height: 450 } },
  { file: 'panduan-menunggu.png', edit: 'guide.addWait()', select: 'menunggu_data_bps',
    open: ['Yang ditunggu', 'Message'], view: { x: 300, y: 215, width: 660, height: 450 } },
  { file: 'panduan-kegiatan.png', edit: 'guide.addCheck(); guide.addForm()', select: 'kegiatan_periksa',
    open: ['Kegiatan', 'Mutu baku'], view: { x: 640, y: 390, width: 660, height: 450 } },
  { file: 'panduan-keputusan.png', select: 'kegiatan_periksa', open: ['Forms', 'Form fields'], entry: 'keputusan',
    view: { x: 640, y: 390, width: 660, height: 450 } },
  { file: 'panduan-identitas.png', save: true, select: 'pool', open: ['Extension properties'], entry: 'nomor_sop',
    view: { x: 50, y: 60, width: 660, height: 450 } },
  { file: 'panduan-lint.png', edit: 'guide.spoil(); guide.lint()', select: null,
    view: { x: 50, y: 60, width: 660, height: 330 } },
];

async function openEditor(browser) {
  const { outputFiles } = await build({
    entryPoints: [path('guide_page.js')], bundle: true, write: false, outdir: 'out', format: 'iife', loader: FONTS,
  });
  const built = (ending) => outputFiles.find((file) => file.path.endsWith(ending)).text;
  const page = await browser.newPage({ viewport: WINDOW, deviceScaleFactor: 1.5, offline: true });
  await page.setContent(`<!doctype html><meta charset="utf-8"><style>${STYLE}</style>`
    + '<div id="all"><div id="canvas"></div><div id="panel"></div></div>');
  await page.addStyleTag({ content: built('.css') + STYLE });
  await page.addScriptTag({ content: built('.js') });
  const files = (await readdir(TEMPLATES)).sort();
  const templates = await Promise.all(files.map(async (file) => JSON.parse(await readFile(join(TEMPLATES, file), 'utf8'))));
  await page.evaluate(([xml, loaded]) => window.guide.open(xml, loaded), [await readFile(DIAGRAM, 'utf8'), templates.flat()]);
  return page;
}

async function take(page, { file, edit, select, open = [], entry, view, save }, out) {
  if (save) {
    await mkdir(RESULT, { recursive: true });
    await writeFile(join(RESULT, 'pengumpulan-data-kinerja.bpmn'), await page.evaluate(() => window.guide.save()));
  }
  await page.evaluate(edit ?? '');
  await page.evaluate(([id, part]) => window.guide.show(id, part), [select, view]);
  await page.waitForTimeout(400);
  for (const header of await page.locator('.bio-properties-panel-group-header').all()) {
    const title = (await header.locator('.bio-properties-panel-group-header-title').textContent()).trim();
    const isOpen = (await header.getAttribute('class')).split(' ').includes('open');
    if (isOpen !== open.includes(title)) {
      await header.locator('.bio-properties-panel-group-header-title').click();
    }
  }
  if (entry) {
    const item = page.locator('.bio-properties-panel-collapsible-entry-header-title').filter({ hasText: new RegExp(`^${entry}$`) });
    await item.first().click();
    await item.first().evaluate((node) => node.closest('.bio-properties-panel-list-item').scrollIntoView({ block: 'center' }));
  } else if (open.length) {
    await page.locator('.bio-properties-panel-group-header-title').filter({ hasText: new RegExp(`^${open[0]}$`) })
      .first().evaluate((node) => node.closest('.bio-properties-panel-group').scrollIntoView({ block: 'start' }));
  }
  await page.waitForTimeout(400);
  await page.screenshot({ path: join(out, file) });
  console.log(join(out, file));
}

async function main() {
  const { values } = parseArgs({ options: { out: { type: 'string', default: PICTURES } } });
  let browser;
  try {
    browser = await startBrowser();
  } catch (error) {
    console.error(`Chromium did not start (${error.message.split('\n')[0]}). Install it, or set CHROMIUM to its path.`);
    return 2;
  }
  try {
    await mkdir(values.out, { recursive: true });
    const page = await openEditor(browser);
    for (const shot of SHOTS) {
      await take(page, shot, values.out);
    }
    return 0;
  } finally {
    await browser.close();
  }
}

if (isStarted(import.meta.url)) {
  process.exitCode = await main();
}
