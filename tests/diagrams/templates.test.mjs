import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';

import { templateFaults } from './templates.mjs';

const FILE = new URL('../../bpmn/.camunda/element-templates/kegiatan-sop.json', import.meta.url);
const after = async (change) => {
  const template = JSON.parse(await readFile(FILE, 'utf8'));
  change(template);
  return templateFaults(JSON.stringify(template));
};

describe('an element template', () => {
  it('of ours has no fault', async () => {
    assert.deepEqual(await after(() => {}), []);
  });

  it('for another platform has one', async () => {
    const faults = await after((template) => { delete template.$schema; });

    assert.deepEqual(faults, ['alur.kegiatan-sop: the schema is not that of Camunda Platform 7']);
  });

  it('with a field of several lines has one, as Camunda 7 knows none for extension properties', async () => {
    const [first] = await after((template) => {
      template.properties.find(({ binding }) => binding.name === 'kelengkapan').type = 'Text';
    });

    assert.match(first, /invalid property type "Text" for binding type "camunda:property"/);
  });

  it('without an element to be for has one', async () => {
    assert.notDeepEqual(await after((template) => { delete template.appliesTo; }), []);
  });
});
