/**
 * Checks SOP diagrams: `node check.mjs [file.bpmn …]`, by default every file in bpmn/.
 *
 * Exit status: 0 nothing found, 1 something found, 2 no diagram to check.
 */

import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';

import { diagramFiles, isStarted } from './command.mjs';
import { readDiagram } from './diagram.mjs';
import { checkGeometry } from './geometry.mjs';
import { lint } from './lint.mjs';

/**
 * Return every finding about one BPMN file: import warnings, lint reports and drawing faults.
 *
 * @param {string} xml
 * @returns {Promise<{ findings: import('./diagram.mjs').Finding[], crossings: number }>}
 */
export async function checkDiagram(xml) {
  const { definitions, findings } = await readDiagram(xml);
  if (!definitions) {
    return { findings, crossings: 0 };
  }
  const geometry = checkGeometry(definitions);
  return {
    findings: [...findings, ...await lint(definitions), ...geometry.findings],
    crossings: geometry.crossings,
  };
}

async function main(named) {
  const files = await diagramFiles(named);
  if (files.length === 0) {
    console.error('There is no .bpmn file in bpmn/ to check; name one: node check.mjs path/to/file.bpmn');
    return 2;
  }
  let failed = 0;
  for (const file of files) {
    const { findings, crossings } = await checkDiagram(await readFile(file, 'utf8'));
    const verdict = findings.length === 0 ? 'ok  ' : 'FAIL';
    const figures = `${counted(findings.length, 'finding')}, ${counted(crossings, 'crossing')}`;
    console.log(`${verdict} ${relative('', file)}: ${figures}`);
    for (const { rule, element, message } of findings) {
      console.log(`       ${rule}  ${element}  ${message}`);
    }
    failed += findings.length > 0 ? 1 : 0;
  }
  console.log(`${files.length - failed} of ${files.length} diagrams are in order.`);
  return failed > 0 ? 1 : 0;
}

const counted = (number, noun) => `${number} ${noun}${number === 1 ? '' : 's'}`;

if (isStarted(import.meta.url)) {
  process.exitCode = await main(process.argv.slice(2));
}
