import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { checkDiagram } from './check.mjs';
import { findingsAfter, GOOD, swap } from './seeded.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const GOOD_FILE = join(HERE, 'fixtures', 'good.bpmn');

describe('the good diagram', () => {
  it('gives no finding', async () => {
    assert.deepEqual(await checkDiagram(GOOD), { findings: [], crossings: 0 });
  });
});

describe('import', () => {
  it('finds a file that is not XML', async () => {
    const { findings } = await checkDiagram('no diagram');

    assert.equal(findings[0].rule, 'import');
  });

  it('finds a reference to nothing', async () => {
    const [first] = await findingsAfter(swap('messageRef="Message_1"', 'messageRef="Message_2"'));

    assert.equal(first, 'import Wait_Definition: unresolved reference <Message_2>');
  });

  it('finds a Camunda element that the descriptors do not know', async () => {
    const [first] = await findingsAfter(swap('<bpmn:text>Hanya pengingat</bpmn:text>',
      '<bpmn:extensionElements><camunda:propertis /></bpmn:extensionElements><bpmn:text>Hanya pengingat</bpmn:text>'));

    assert.match(first, /^import -: unparsable content <camunda:propertis> detected/);
  });

  it('finds an association whose end does not exist and still checks the drawing', async () => {
    const findings = await findingsAfter(swap('targetRef="Note"', 'targetRef="Nowhere"'));

    assert.ok(findings.includes('import Association_Note: unresolved reference <Nowhere>'), findings.join('\n'));
  });
});

describe('lint', () => {
  it('finds an error of the recommended rules', async () => {
    const findings = await findingsAfter(swap('id="Decision" name="Nota benar?"', 'id="Decision"'));

    assert.deepEqual(findings, ['lint/label-required Decision: error: Element is missing label/name']);
  });

  it('finds a warning of the recommended rules', async () => {
    const findings = await findingsAfter(
      swap('<bpmn:message id="Message_1" name="pengesahan_bupati" />',
        '<bpmn:message id="Message_1" name="pengesahan_bupati" /><bpmn:message id="Message_2" name="lain" />'));

    assert.deepEqual(findings, ['lint/global Message_2: warn: Element is unused']);
  });

  it('finds a process without a time to live, as Camunda 7.24 wants one', async () => {
    const [first] = await findingsAfter(swap(' camunda:historyTimeToLive="P3650D"', ''));

    assert.match(first, /^lint\/camunda-compat\/history-time-to-live nota_dinas: /);
  });

  it('finds a file that is meant for another platform', async () => {
    const findings = await findingsAfter(swap('executionPlatformVersion="7.24.0"', 'executionPlatformVersion="7.2.0"'));

    assert.deepEqual(findings, [
      'lint/platform Definitions_1: the file is meant for "Camunda Platform 7.2.0", not for "Camunda Platform 7.24"',
    ]);
  });
});

describe('the command', () => {
  let folder;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'diagrams-'));
  });
  after(() => rm(folder, { recursive: true }));

  const start = (command, ...args) => spawnSync(process.execPath, [command, ...args], { cwd: HERE, encoding: 'utf8' });
  const check = (...args) => start('check.mjs', ...args);

  it('exits with 0 and says one line a file when all is well', () => {
    const { status, stdout } = check(GOOD_FILE);

    assert.equal(status, 0);
    assert.match(stdout, /^ok {3}fixtures\/good\.bpmn: 0 findings, 0 crossings\n1 of 1 diagrams are in order\.\n$/);
  });

  it('exits with 1 and names rule, element and message when one file of two is bad', async () => {
    const bad = join(folder, 'bad.bpmn');
    await writeFile(bad, GOOD.replace(' camunda:historyTimeToLive="P3650D"', ''));

    const { status, stdout } = check(GOOD_FILE, bad);

    assert.equal(status, 1);
    assert.match(stdout, /FAIL .*bad\.bpmn: 1 finding, /);
    assert.match(stdout, / {7}lint\/camunda-compat\/history-time-to-live {2}nota_dinas {2}info: /);
    assert.match(stdout, /1 of 2 diagrams are in order\./);
  });

  it('checks when it is started through a linked folder', async () => {
    const link = join(folder, 'link');
    await symlink(HERE, link);

    const { stdout } = start(join(link, 'check.mjs'), GOOD_FILE);

    assert.match(stdout, /1 of 1 diagrams are in order\./);
  });
});
