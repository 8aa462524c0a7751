/**
 * Draws diagrams with bpmn-js in Chromium on an A3 sheet:
 * `node render.mjs [--out folder] [file.bpmn …]`, by default every file in bpmn/ into build/diagrams/.
 *
 * Exit status: 0 drawn, 1 some text does not fit or the viewer warned, 2 no diagram or no Chromium.
 * The environment variable CHROMIUM names another browser than /usr/bin/chromium.
 */

import { access, mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { chromium } from 'playwright-core';

import { diagramFiles, isStarted } from './command.mjs';
import { HEADER } from './diagram.mjs';
import { contains, sharedArea } from './outline.mjs';

const DEFAULT_OUT = fileURLToPath(new URL('../../build/diagrams/', import.meta.url));
const BROWSER_ARGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

/** A3 landscape, 420 mm by 297 mm, at 150 dots an inch, with a margin of 10 mm. */
const DPI = 150;
const SHEET = { width: 2480, height: 1754 };
const MARGIN = 59;
/** Smaller text than this, in points, is hard to read on paper. */
const SMALLEST_FONT = 5;
/** How far, in diagram units, text may reach over its bounds: line boxes are higher than their letters. */
const TEXT_SLACK = 3;

/** @typedef {import('./diagram.mjs').Finding} Finding */
/** @typedef {import('./outline.mjs').Box} Box */

/**
 * @typedef {object} Text what the browser drew for one element
 * @property {string} id
 * @property {string} type for instance bpmn:UserTask; `label` for a label outside its element
 * @property {Box} bounds what the file reserves
 * @property {Box[]} attached boundary events on the shape
 * @property {Box[]} lines one box a line of text
 * @property {Box[]} markers icons and markers inside the shape
 * @property {number} fontSize in diagram units
 */

/** Start the browser; throws when there is none at that path. */
export async function startBrowser() {
  const executablePath = process.env.CHROMIUM || '/usr/bin/chromium';
  await access(executablePath);
  return chromium.launch({ executablePath, args: BROWSER_ARGS });
}

/**
 * Draw one diagram to fill an A3 sheet.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {string} xml
 * @param {string} file the PNG to write
 * @returns {Promise<{ findings: Finding[], smallestFont: number }>} font size in points on the sheet
 */
export async function render(browser, xml, file) {
  const page = await browser.newPage({ viewport: SHEET, offline: true });
  try {
    await loadViewer(page);
    const { warnings, scale, texts } = await page.evaluate(drawInPage, { xml, margin: MARGIN });
    await page.screenshot({ path: file });
    return {
      findings: [
        ...warnings.map((message) => ({ rule: 'render/import', element: '-', message })),
        ...texts.flatMap(checkText),
      ],
      smallestFont: Math.min(...texts.map(({ fontSize }) => fontSize)) * scale * 72 / DPI,
    };
  } finally {
    await page.close();
  }
}

async function loadViewer(page) {
  const resolve = createRequire(import.meta.url).resolve;
  await page.setContent('<!doctype html><meta charset="utf-8">'
    + '<style>html, body, #canvas { margin: 0; width: 100%; height: 100%; background: white }</style>'
    + '<div id="canvas"></div>');
  await page.addStyleTag({ path: resolve('bpmn-js/dist/assets/diagram-js.css') });
  await page.addScriptTag({ path: resolve('bpmn-js/dist/bpmn-navigated-viewer.production.min.js') });
}

/** Runs in the page: fit the diagram into the margins and measure every text in diagram units. */
async function drawInPage({ xml, margin }) {
  const viewer = new window.BpmnJS({ container: '#canvas' });
  const { warnings } = await viewer.importXML(xml);
  const canvas = viewer.get('canvas');

  const { inner } = canvas.viewbox();
  const { width, height } = canvas.getSize();
  const scale = Math.min((width - 2 * margin) / inner.width, (height - 2 * margin) / inner.height);
  canvas.viewbox({
    x: inner.x + (inner.width - width / scale) / 2,
    y: inner.y + (inner.height - height / scale) / 2,
    width: width / scale,
    height: height / scale,
  });

  const origin = canvas.viewbox();
  const measure = (node) => {
    const box = node.getBoundingClientRect();
    return {
      x: box.x / scale + origin.x, y: box.y / scale + origin.y, width: box.width / scale, height: box.height / scale,
    };
  };
  const texts = viewer.get('elementRegistry').filter((element) => element.width !== undefined).flatMap((element) => {
    const visual = canvas.getGraphics(element).querySelector('.djs-visual');
    const text = visual?.querySelector('text');
    if (!text || !text.textContent.trim()) {
      return [];
    }
    // bpmn-js stretches a label to its text on import, so its bounds are taken as the file has them.
    const reserved = (element.labelTarget && element.di.label?.bounds) || element;
    return [{
      id: element.businessObject.id,
      type: element.labelTarget ? 'label' : element.type,
      bounds: { x: reserved.x, y: reserved.y, width: reserved.width, height: reserved.height },
      attached: (element.attachers ?? []).map((event) => (
        { x: event.x, y: event.y, width: event.width, height: event.height })),
      lines: [...text.querySelectorAll('tspan')].filter((line) => line.textContent.trim()).map(measure),
      markers: [...visual.querySelectorAll('path, circle')].map(measure),
      fontSize: parseFloat(getComputedStyle(text).fontSize),
    }];
  });
  return { warnings: warnings.map((warning) => warning.message), scale, texts };
}

/** Text stays within the bounds that the file reserves for it and clear of what sits on its task. */
function checkText({ id, type, bounds, attached, lines, markers }) {
  const fault = (message) => [{ rule: 'render/text-fits', element: id, message }];
  const anyLineMeets = (boxes) => lines.some((line) => boxes.some((box) => sharedArea(line, box) > 0));
  const room = ['bpmn:Participant', 'bpmn:Lane'].includes(type) ? { ...bounds, width: HEADER } : bounds;

  if (lines.some((line) => !contains(grown(room, TEXT_SLACK), line))) {
    return fault(`its text of ${lines.length} line${lines.length === 1 ? '' : 's'} spills over its bounds`);
  }
  if (anyLineMeets(attached)) {
    return fault('its text runs under a boundary event');
  }
  const isActivity = type.endsWith('Task') || type === 'bpmn:CallActivity';
  return isActivity && anyLineMeets(markers) ? fault('its text runs over its icon') : [];
}

const grown = ({ x, y, width, height }, by) => ({
  x: x - by, y: y - by, width: width + 2 * by, height: height + 2 * by,
});

async function main() {
  const { values, positionals } = parseArgs({
    options: { out: { type: 'string', default: DEFAULT_OUT } }, allowPositionals: true,
  });
  const files = await diagramFiles(positionals);
  if (files.length === 0) {
    console.error('There is no .bpmn file in bpmn/ to draw; name one: node render.mjs path/to/file.bpmn');
    return 2;
  }
  await mkdir(values.out, { recursive: true });
  let browser;
  try {
    browser = await startBrowser();
  } catch (error) {
    console.error(`Chromium did not start (${error.message.split('\n')[0]}). Install it, or set CHROMIUM to its path.`);
    return 2;
  }
  try {
    const verdicts = [];
    for (const file of files) {
      verdicts.push(await renderFile(browser, file, join(values.out, `${basename(file, '.bpmn')}.png`)));
    }
    return verdicts.every(Boolean) ? 0 : 1;
  } finally {
    await browser.close();
  }
}

async function renderFile(browser, file, image) {
  const { findings, smallestFont } = await render(browser, await readFile(file, 'utf8'), image);
  const verdict = findings.length === 0 ? 'ok  ' : 'FAIL';
  const size = `smallest text ${smallestFont.toFixed(1)} pt on A3`;
  console.log(`${verdict} ${relative('', file)}: ${size}, ${relative('', image)}`);
  if (smallestFont < SMALLEST_FONT) {
    console.log(`       warning: text below ${SMALLEST_FONT} pt is hard to read; draw the diagram more compactly`);
  }
  for (const { rule, element, message } of findings) {
    console.log(`       ${rule}  ${element}  ${message}`);
  }
  return findings.length === 0;
}

if (isStarted(import.meta.url)) {
  process.exitCode = await main();
}
