/**
 * Checks the element templates of bpmn/ against Camunda's schema for Platform 7: `node templates.mjs [file.json …]`.
 *
 * The Modeler silently leaves out a template that the schema refuses. Exit status: 0 all are in order, 1 some are not,
 * 2 no template to check.
 */

import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { validate } from '@bpmn-io/element-templates-validator';

import { isStarted } from './command.mjs';

const TEMPLATES = fileURLToPath(new URL('../../bpmn/.camunda/element-templates/', import.meta.url));
const SCHEMA = '/@camunda/element-templates-json-schema/';

/**
 * Return what is wrong with the template or templates in a file, as "template: fault".
 *
 * @param {string} json
 * @returns {string[]}
 */
export function templateFaults(json) {
  return [].concat(JSON.parse(json)).flatMap((template) => {
    const { errors } = validate(template);
    const schema = (template.$schema ?? '').includes(SCHEMA) ? []
      : [{ message: 'the schema is not that of Camunda Platform 7' }];
    return [...schema, ...(errors ?? [])].map(({ message, dataPath }) => (
      `${template.id ?? '-'}: ${message}${dataPath ? ` at ${dataPath}` : ''}`
    ));
  });
}

async function main(named) {
  const files = named.length > 0 ? named : (await readdir(TEMPLATES)).sort().map((name) => join(TEMPLATES, name));
  if (files.length === 0) {
    console.error('There is no element template to check.');
    return 2;
  }
  let failed = 0;
  for (const file of files) {
    const faults = templateFaults(await readFile(file, 'utf8'));
    console.log(`${faults.length === 0 ? 'ok  ' : 'FAIL'} ${relative('', file)}`);
    faults.forEach((fault) => console.log(`       ${fault}`));
    failed += faults.length > 0 ? 1 : 0;
  }
  console.log(`${files.length - failed} of ${files.length} files of element templates are in order.`);
  return failed > 0 ? 1 : 0;
}

if (isStarted(import.meta.url)) {
  process.exitCode = await main(process.argv.slice(2));
}
