/**
 * The page of `guide.mjs`: the editor that Camunda Modeler contains, and the edits that the guide describes.
 *
 * `open` shows a diagram with element templates; the other functions act on what is open.
 */

import elementTemplateChooserModule from '@bpmn-io/element-template-chooser';
import { Linter } from '@camunda/linting';
import lintingModule from '@camunda/linting/modeler';
import Modeler from 'camunda-bpmn-js/lib/camunda-platform/Modeler';

import 'camunda-bpmn-js/dist/assets/camunda-platform-modeler.css';
import '@bpmn-io/element-template-chooser/dist/element-template-chooser.css';
import '@camunda/linting/assets/linting.css';

/** The menu entry that takes a template off reads a menu of another release of bpmn-js, and fails there. */
const withoutUnlinking = { removeTemplateReplaceProvider: ['value', null] };

let modeler;
let templates;

const get = (service) => modeler.get(service);
const element = (id) => get('elementRegistry').get(id);

async function open(xml, loaded) {
  templates = loaded;
  modeler = new Modeler({
    container: '#canvas',
    propertiesPanel: { parent: '#panel' },
    additionalModules: [lintingModule, elementTemplateChooserModule, withoutUnlinking],
  });
  get('elementTemplatesLoader').setTemplates(loaded);
  const { warnings } = await modeler.importXML(xml);
  return warnings.map(({ message }) => message);
}

const save = async () => (await modeler.saveXML({ format: true })).xml;

/** Show the marks of the Modeler's own lint, and return what it says. */
async function lint() {
  const reports = await new Linter({ modeler: 'desktop', type: 'platform' }).lint(await save());
  get('linting').setErrors(reports);
  get('linting').activate();
  return reports.map(({ id, message }) => `${id}: ${message}`);
}

/** Select an element, or nothing; show `view`, by default the whole diagram. */
function show(id, view) {
  const { inner } = get('canvas').viewbox();
  get('canvas').viewbox(view ?? { x: inner.x - 170, y: inner.y - 20, width: inner.width + 200, height: inner.height + 40 });
  get('selection').select(id ? element(id) : null);
}

/** Give an element an extension property, or change it. */
function setProperty(id, name, value) {
  const { businessObject } = element(id);
  const holder = (businessObject.processRef ?? businessObject).extensionElements.values
    .find((one) => one.$type === 'camunda:Properties');
  const property = holder.values.find((one) => one.name === name);
  if (!property) {
    throw new Error(`${id} has no property ${name}`);
  }
  get('modeling').updateModdleProperties(element(id), property, { value });
}

/** Apply an element template and fill in its fields: extension properties, and the name. */
function fill(id, template, name, fields) {
  get('elementTemplates').applyTemplate(element(id), templates.find((one) => one.id === template));
  if (name) {
    get('modeling').updateProperties(element(id), { name });
  }
  Object.entries(fields).forEach(([field, value]) => setProperty(id, field, value));
}

/** Move everything right of `start` by `delta`, as the Modeler's space tool does. */
function makeSpace(start, delta) {
  const all = get('elementRegistry').filter(({ parent }) => parent);
  const { movingShapes, resizingShapes } = get('spaceTool').calculateAdjustments(all, 'x', delta, start);
  get('spaceTool').makeSpace(movingShapes, resizingShapes, { x: delta, y: 0 }, 'e', start);
}

function add(attributes, id, x, y) {
  const businessObject = get('bpmnFactory').create(attributes.type, { id });
  const shape = get('elementFactory').createShape({ ...attributes, businessObject });
  return get('modeling').createShape(shape, { x, y }, element('pool'));
}

const lead = (flow, ...waypoints) => get('modeling').updateWaypoints(
  typeof flow === 'string' ? element(flow) : flow, waypoints.map(([x, y]) => ({ x, y })));

const connect = (from, to, id, ...waypoints) => {
  const flow = get('modeling').connect(element(from), element(to));
  get('modeling').updateProperties(flow, { id });
  lead(flow, ...waypoints);
};

/** Wait for an outside party between rows 2 and 3. */
function addWait() {
  makeSpace(490, 120);
  add({ type: 'bpmn:IntermediateCatchEvent', eventDefinitionType: 'bpmn:MessageEventDefinition' }, 'menunggu_data_bps', 580, 310);
  get('modeling').reconnectEnd(element('flow_kegiatan_02'), element('menunggu_data_bps'), { x: 562, y: 310 });
  lead('flow_kegiatan_02', [530, 310], [562, 310]);
  connect('menunggu_data_bps', 'kegiatan_03', 'flow_menunggu_data_bps', [580, 328], [580, 620], [620, 620]);
  fill('menunggu_data_bps', 'alur.menunggu-pihak-luar', 'Data BPS diterima', { pihak: 'Badan Pusat Statistik' });
  const message = get('bpmnFactory').create('bpmn:Message', { id: 'Message_data_bps', name: 'data_bps' });
  const definitions = modeler.getDefinitions();
  message.$parent = definitions;
  const { businessObject } = element('menunggu_data_bps');
  get('modeling').updateModdleProperties(
    element('menunggu_data_bps'), definitions, { rootElements: [...definitions.rootElements, message] });
  get('modeling').updateModdleProperties(
    element('menunggu_data_bps'), businessObject.eventDefinitions[0], { messageRef: message });
}

/** A new row 5 that checks, with its decision and the return to row 4. */
function addCheck() {
  makeSpace(700, 60);
  makeSpace(850, 300);
  add({ type: 'bpmn:UserTask' }, 'kegiatan_periksa', 930, 465);
  fill('kegiatan_periksa', 'alur.kegiatan-sop', 'Memeriksa laporan triwulan', {
    nomor: '5', jenis: 'periksa', kelengkapan: 'Draf Laporan Kinerja', waktu: 'PT2H',
    output: 'Laporan Kinerja yang sudah diperiksa', asal: 'dikonfirmasi',
  });
  add({ type: 'bpmn:ExclusiveGateway' }, 'gateway_periksa', 1055, 465);
  add({ type: 'bpmn:ExclusiveGateway' }, 'gabung_04', 680, 760);
  fill('gateway_periksa', 'alur.keputusan', 'Laporan disetujui?', { jenis: 'periksa', asal: 'dikonfirmasi' });

  const modeling = get('modeling');
  modeling.reconnectEnd(element('flow_kegiatan_03'), element('gabung_04'), { x: 680, y: 735 });
  lead('flow_kegiatan_03', [680, 670], [680, 735]);
  connect('gabung_04', 'kegiatan_04', 'flow_gabung_04', [705, 760], [770, 760]);
  modeling.reconnectEnd(element('flow_kegiatan_04'), element('kegiatan_periksa'), { x: 880, y: 465 });
  lead('flow_kegiatan_04', [830, 710], [830, 465], [880, 465]);
  connect('kegiatan_periksa', 'gateway_periksa', 'flow_periksa', [980, 465], [1030, 465]);
  connect('gateway_periksa', 'kegiatan_05', 'flow_setuju', [1080, 465], [1160, 465]);
  connect('gateway_periksa', 'gabung_04', 'flow_dikembalikan', [1055, 490], [1055, 822], [680, 822], [680, 785]);
  fill('flow_setuju', 'alur.alur-setuju', null, {});
  fill('flow_dikembalikan', 'alur.alur-dikembalikan', null, {});
  modeling.moveShape(element('flow_dikembalikan').label, { x: 110, y: -14 });
  ['05', '06', '07', '08'].forEach((row, at) => setProperty(`kegiatan_${row}`, 'nomor', `${at + 6}`));
}

/** The form of a decision: what is decided, and why it is returned. */
function addForm() {
  const task = element('kegiatan_periksa');
  const create = (type, attributes, parent) => Object.assign(get('bpmnFactory').create(type, attributes), { $parent: parent });
  const { extensionElements } = task.businessObject;
  const form = create('camunda:FormData', {}, extensionElements);
  const decision = create('camunda:FormField', { id: 'keputusan', label: 'Keputusan', type: 'enum' }, form);
  decision.values = [['setuju', 'Setuju'], ['dikembalikan', 'Dikembalikan untuk diperbaiki']]
    .map(([id, name]) => create('camunda:Value', { id, name }, decision));
  decision.validation = create('camunda:Validation', {}, decision);
  decision.validation.constraints = [create('camunda:Constraint', { name: 'required' }, decision.validation)];
  form.fields = [decision, create('camunda:FormField', { id: 'alasan', label: 'Alasan pengembalian', type: 'string' }, form)];
  get('modeling').updateModdleProperties(task, extensionElements, { values: [...extensionElements.values, form] });
}

/** A mistake that the Modeler's own lint finds: a second flow between the same two rows. */
function spoil() {
  get('modeling').connect(element('kegiatan_01'), element('kegiatan_02'), { type: 'bpmn:SequenceFlow' });
}

window.guide = { open, save, lint, show, setProperty, fill, addWait, addCheck, addForm, spoil };
