/**
 * Takes the pictures of docs/panduan-analis.md: `node guide.mjs [--out folder] [picture …]`, by default all of them
 * into docs/images/.
 */
import { readdir, readFile, mkdir } from 'node:fs/promises';
import { build } from 'esbuild';
import { startBrowser } from './render.mjs';

export async function editorPage(browser, viewport) {
  const { outputFiles } = await build({
    entryPoints: [new URL('guide_page.js', import.meta.url).pathname], bundle: true, write: false, outdir: 'out', format: 'iife',
    loader: { '.woff2': 'dataurl', '.woff': 'dataurl', '.ttf': 'dataurl', '.eot': 'dataurl', '.svg': 'dataurl' }, legalComments: 'none',
  });
  const of = (ending) => outputFiles.find(({ path }) => path.endsWith(ending)).text;
  const page = await browser.newPage({ viewport, deviceScaleFactor: 2, offline: true });
  page.on('pageerror', (e) => console.error('pageerror', e));
  page.on('console', (e) => e.type() === 'error' && console.error('console', e.text()));
  await page.setContent('<!doctype html><meta charset="utf-8"><style>html,body{margin:0;height:100%;font-family:Arial,sans-serif;background:white}'
   + '#all{display:flex;height:100%}#canvas{flex:1;position:relative}#panel{width:330px;border-left:1px solid #ccc;overflow:hidden;height:100%}#panel>*{height:100%}</style><div id="all"><div id="canvas"></div><div id="panel"></div></div>');
  await page.addStyleTag({ content: of('.css') });
  await page.addScriptTag({ content: of('.js') });
  return page;
}
export async function templates() {
  const folder = new URL('../../bpmn/.camunda/element-templates/', import.meta.url);
  const files = (await readdir(folder)).sort();
  return (await Promise.all(files.map(async (f) => JSON.parse(await readFile(new URL(f, folder), 'utf8'))))).flat();
}
