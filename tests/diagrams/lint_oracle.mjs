/**
 * Compares Alur's lint with bpmnlint itself: `node lint_oracle.mjs [how many damaged models]`.
 *
 * Python makes the models and says what it finds (`lint_cases.py`); every remark must be the original's, in rule,
 * element and words, and so must every failure to read. The variable PYTHON names the Python to ask. What is let pass
 * is counted: a rule that fails in the original, and what `no-bpmndi` says of elements without an id.
 *
 * Exit status: 0 all alike, 1 some differ, 2 Python could not be asked.
 */

import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { BpmnModdle } from 'bpmn-moddle';
import Linter from 'bpmnlint/lib/linter.js';
import NodeResolver from 'bpmnlint/lib/resolver/node-resolver.js';
import traverse from 'bpmnlint/lib/traverse.js';

const require = createRequire(import.meta.url);
const camunda = require('camunda-bpmn-moddle/resources/camunda.json');
const CONFIG = { extends: 'bpmnlint:recommended' };
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PYTHON = process.env.PYTHON ?? `${ROOT}.venv/bin/python`;
const SHOWN = 20;

/** What bpmnlint says of a file, sorted, or null where it cannot read it. */
async function original(xml) {
  let root;
  try {
    root = (await new BpmnModdle({ camunda }).fromXML(xml)).rootElement;
  } catch {
    return null;
  }
  traverse(root, { enter: tie });
  const reports = await new Linter({ resolver: new NodeResolver({ require }), config: CONFIG }).lint(root);
  return sorted(Object.entries(reports).flatMap(([rule, ofRule]) => ofRule.map(({ id, message, category }) => (
    category === 'rule-error' ? [rule, null, 'failed'] : [rule, id ?? null, message]
  ))));
}

/** Tells both ends of a sequence flow of it, as Alur does where a file leaves that out. */
function tie(element) {
  if (!element.$instanceOf('bpmn:SequenceFlow')) {
    return;
  }
  for (const [reference, flows] of [['sourceRef', 'outgoing'], ['targetRef', 'incoming']]) {
    const node = element[reference];
    if (node?.$instanceOf('bpmn:FlowNode') && !node.get(flows).includes(element)) {
      node.get(flows).push(element);
    }
  }
}

const sorted = (remarks) => remarks && remarks.map((remark) => JSON.stringify(remark)).sort();

/** Both sides without what is let pass. */
function comparable(expected, found) {
  const passes = new Set();
  for (const [rule, , message] of expected.map((remark) => JSON.parse(remark))) {
    if (message === 'failed') {
      passes.add(rule);
    }
  }
  const kept = (remarks) => remarks.filter((remark) => {
    const [rule, element] = JSON.parse(remark);
    return !passes.has(rule) && !(rule === 'no-bpmndi' && element === null);
  });
  return [kept(expected), kept(found)];
}

const without = (these, those) => {
  const left = [...those];
  return these.filter((item) => {
    const place = left.indexOf(item);
    return place < 0 || !left.splice(place, 1);
  });
};

async function main(count) {
  const python = spawn(PYTHON, ['-m', 'tests.diagrams.lint_cases', count], {
    cwd: ROOT, env: { ...process.env, PYTHONPATH: ROOT }, stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => { python.on('error', resolve); python.on('close', resolve); });
  const said = {};
  const counts = { models: 0, unreadable: 0, passed: 0, different: 0 };
  console.error = () => {};  // bpmnlint prints each rule that fails
  for await (const line of createInterface({ input: python.stdout })) {
    const { name, xml, remarks } = JSON.parse(line);
    const expected = await original(xml);
    const found = sorted(remarks);
    counts.models += 1;
    counts.unreadable += expected === null ? 1 : 0;
    for (const [rule, , message] of (expected ?? []).map((remark) => JSON.parse(remark))) {
      const key = message === 'failed' ? `${rule} (failed)` : rule;
      said[key] = (said[key] ?? 0) + 1;
    }
    if (JSON.stringify(found) === JSON.stringify(expected)) {
      continue;
    }
    const [theirs, ours] = expected && found ? comparable(expected, found)
      : [expected ?? ['unreadable'], found ?? ['unreadable']];
    if (JSON.stringify(theirs) === JSON.stringify(ours)) {
      counts.passed += 1;
      continue;
    }
    counts.different += 1;
    if (counts.different <= SHOWN) {
      console.log(`DIFFERS ${name}`);
      console.log(`  only bpmnlint: ${without(theirs, ours).join(' ')}`);
      console.log(`  only Alur:     ${without(ours, theirs).join(' ')}`);
    }
  }
  const status = await ended;
  if (status !== 0) {
    console.log(`${PYTHON} ended with ${status}; the variable PYTHON names the one to ask.`);
    return 2;
  }
  const remarks = Object.values(said).reduce((sum, number) => sum + number, 0);
  console.log(Object.entries(said).sort().map(([rule, number]) => `  ${rule}: ${number}`).join('\n'));
  console.log(`${counts.models} models (${counts.unreadable} not readable), ${remarks} remarks: `
    + `${counts.different} models differ, ${counts.passed} in what is let pass.`);
  return counts.different > 0 ? 1 : 0;
}

process.exitCode = await main(process.argv[2] ?? '300');
