/** bpmnlint as the Modeler runs it for Camunda Platform 7.24. */

import { createRequire } from 'node:module';

import Linter from 'bpmnlint/lib/linter.js';
import NodeResolver from 'bpmnlint/lib/resolver/node-resolver.js';

const PLATFORM = { name: 'Camunda Platform', version: '7.24' };
const CONFIG = { extends: ['bpmnlint:recommended', 'plugin:camunda-compat/camunda-platform-7-24'] };

/**
 * Return every lint report and whether the file says that it is meant for the linted platform.
 *
 * A linter remembers what it saw, so each file gets a new one.
 *
 * @returns {Promise<import('./diagram.mjs').Finding[]>}
 */
export async function lint(definitions) {
  const resolver = new NodeResolver({ require: createRequire(import.meta.url) });
  const reports = await new Linter({ resolver, config: CONFIG }).lint(definitions);
  const findings = Object.entries(reports).flatMap(([rule, ofRule]) => ofRule.map((report) => ({
    rule: `lint/${rule}`, element: report.id ?? '-', message: `${report.category}: ${report.message}`,
  })));
  return [...platformFindings(definitions), ...findings];
}

function platformFindings(definitions) {
  const name = definitions.$attrs['modeler:executionPlatform'];
  const version = definitions.$attrs['modeler:executionPlatformVersion'] ?? '';
  if (name === PLATFORM.name && `${version}.`.startsWith(`${PLATFORM.version}.`)) {
    return [];
  }
  const stated = `${name ?? 'no platform'} ${version}`.trim();
  return [{
    rule: 'lint/platform',
    element: definitions.id ?? '-',
    message: `the file is meant for "${stated}", not for "${PLATFORM.name} ${PLATFORM.version}"`,
  }];
}
