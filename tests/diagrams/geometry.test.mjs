import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { checkDiagram } from './check.mjs';
import {
  dropLabel, findingsAfter, place, placeLabel, route, seeded, swap, undraw,
} from './seeded.mjs';

/** Every finding of the drawing after `edits`; lint has its own opinion of some of these faults. */
const drawingAfter = async (...edits) => (
  (await findingsAfter(...edits)).filter((finding) => finding.startsWith('geometry/')));

const assertIncludes = (findings, expected) => assert.ok(findings.includes(expected), findings.join('\n'));

const COLLAPSED_NEIGHBOUR = [
  swap('processRef="nota_dinas" />',
    'processRef="nota_dinas" /><bpmn:participant id="Bupati" name="Bupati" />'
    + '<bpmn:messageFlow id="Letter" sourceRef="Bupati" targetRef="Wait" />'),
  swap('<bpmndi:BPMNShape id="Start_di"',
    '<bpmndi:BPMNShape id="Bupati_di" bpmnElement="Bupati" isHorizontal="true">'
    + '<dc:Bounds x="600" y="560" width="300" height="60" /></bpmndi:BPMNShape>'
    + '<bpmndi:BPMNEdge id="Letter_di" bpmnElement="Letter">'
    + '<di:waypoint x="670" y="560" /><di:waypoint x="670" y="413" /></bpmndi:BPMNEdge>'
    + '<bpmndi:BPMNShape id="Start_di"'),
  placeLabel('Wait', 610, 425, 50, 14),
];

const SUB_PROCESS = [
  swap('<bpmn:userTask id="Check" name="Memeriksa nota">', '<bpmn:subProcess id="Check" name="Memeriksa nota">'),
  swap('<bpmn:outgoing>Flow_Check</bpmn:outgoing>\n    </bpmn:userTask>',
    '<bpmn:outgoing>Flow_Check</bpmn:outgoing><bpmn:startEvent id="Inner" name="Baca" /></bpmn:subProcess>'),
  swap('bpmnElement="Check">', 'bpmnElement="Check" isExpanded="true">'),
  swap('<bpmndi:BPMNShape id="Wait_di"',
    '<bpmndi:BPMNShape id="Inner_di" bpmnElement="Inner"><dc:Bounds x="400" y="375" width="36" height="36" />'
    + '<bpmndi:BPMNLabel><dc:Bounds x="405" y="415" width="26" height="14" /></bpmndi:BPMNLabel></bpmndi:BPMNShape>'
    + '<bpmndi:BPMNShape id="Wait_di"'),
];

describe('drawn', () => {
  it('finds a flow node without a shape', async () => {
    assert.deepEqual(await drawingAfter(undraw('Start')), ['geometry/drawn Start: is not in the diagram']);
  });

  it('finds a flow without a line', async () => {
    assert.deepEqual(await drawingAfter(undraw('Flow_Draft')), ['geometry/drawn Flow_Draft: is not in the diagram']);
  });

  it('finds a lane and a pool without a shape', async () => {
    const findings = await drawingAfter(undraw('Lane_Staf'), undraw('Pool'));

    assert.ok(findings.includes('geometry/drawn Lane_Staf: is not in the diagram'));
    assert.ok(findings.includes('geometry/drawn Pool: is not in the diagram'));
  });
});

describe('horizontal', () => {
  it('finds a pool that is drawn vertically', async () => {
    const findings = await drawingAfter(
      swap('bpmnElement="Pool" isHorizontal="true"', 'bpmnElement="Pool" isHorizontal="false"'));

    assert.deepEqual(findings, ['geometry/horizontal Pool: is drawn vertically']);
  });
});

describe('lanes-tile', () => {
  it('finds a lane that sticks out of its pool', async () => {
    assert.deepEqual(await drawingAfter(place('Lane_Kepala', 130, 300, 970, 210)),
      ['geometry/lanes-tile Lane_Kepala: is not inside Pool']);
  });

  it('finds a lane on the name strip of its pool', async () => {
    assert.deepEqual(await drawingAfter(place('Lane_Kepala', 120, 300, 980, 200)),
      ['geometry/lanes-tile Lane_Kepala: is not inside Pool']);
  });

  it('finds a gap between lanes', async () => {
    assert.deepEqual(await drawingAfter(place('Lane_Staf', 130, 100, 970, 190)),
      ['geometry/lanes-tile Pool: has 9700 square units that no lane covers']);
  });

  it('finds lanes that overlap', async () => {
    assert.deepEqual(await drawingAfter(place('Lane_Staf', 130, 100, 970, 220)),
      ['geometry/lanes-tile Lane_Staf: overlaps Lane_Kepala']);
  });
});

describe('in-lane', () => {
  it('finds a shape that straddles the border of its lane', async () => {
    assert.deepEqual(await drawingAfter(
      place('Wait', 640, 270, 36, 36), route('Flow_Approved', [570, 400], [658, 400], [658, 306]),
      route('Flow_End', [676, 288], [1018, 288], [1018, 218]), placeLabel('Wait', 640, 320, 36, 14)), [
      'geometry/in-lane Wait: is not wholly inside its lane Lane_Kepala',
      'geometry/through-label Flow_Approved: runs through the label of Wait',
    ]);
  });

  it('finds a shape in a lane that is not its own', async () => {
    const findings = await drawingAfter(
      swap('<bpmn:flowNodeRef>Check</bpmn:flowNodeRef>', ''),
      swap('<bpmn:flowNodeRef>Start</bpmn:flowNodeRef>',
        '<bpmn:flowNodeRef>Start</bpmn:flowNodeRef><bpmn:flowNodeRef>Check</bpmn:flowNodeRef>'));

    assert.deepEqual(findings, ['geometry/in-lane Check: is not wholly inside its lane Lane_Staf']);
  });

  it('finds a shape on the name strip of its lane', async () => {
    const findings = await drawingAfter(place('Start', 150, 182, 36, 36), placeLabel('Start', 165, 225, 30, 14),
      route('Flow_Start', [186, 200], [260, 200]));

    assert.deepEqual(findings, ['geometry/in-lane Start: is not wholly inside its lane Lane_Staf']);
  });

  it('finds a shape that belongs to no lane', async () => {
    assert.deepEqual(await drawingAfter(swap('<bpmn:flowNodeRef>Check</bpmn:flowNodeRef>', '')),
      ['geometry/in-lane Check: belongs to 0 lanes']);
  });

  it('finds a shape outside a pool that has no lanes', async () => {
    const findings = await drawingAfter(
      (xml) => xml.replace(/<bpmn:laneSet[^]*<\/bpmn:laneSet>/, ''), undraw('Lane_Staf'), undraw('Lane_Kepala'),
      place('Pool', 100, 100, 930, 400));

    assert.deepEqual(findings, ['geometry/in-lane End: is not wholly inside the pool Pool']);
  });
});

describe('in-sub-process', () => {
  it('lets a part lie inside an expanded sub-process', async () => {
    assert.deepEqual(await drawingAfter(...SUB_PROCESS), []);
  });

  it('finds a part that sticks out of its sub-process', async () => {
    assert.deepEqual(await drawingAfter(...SUB_PROCESS, place('Inner', 350, 375, 36, 36)),
      ['geometry/in-sub-process Inner: is not wholly inside Check']);
  });
});

describe('in-pool', () => {
  it('finds a sequence flow that leaves its pool', async () => {
    const findings = await drawingAfter(route('Flow_Return', [545, 425], [545, 520], [285, 520], [285, 225]));

    assert.deepEqual(findings, ['geometry/in-pool Flow_Return: leaves its pool']);
  });
});

describe('overlap', () => {
  it('finds two shapes that cover each other', async () => {
    const findings = await drawingAfter(place('Note', 550, 140, 100, 50));

    assertIncludes(findings, 'geometry/overlap Reminded: overlaps Note');
  });

  it('finds two shapes that touch', async () => {
    const findings = await drawingAfter(
      place('Note', 596, 130, 100, 60), route('Association_Note', [596, 200], [646, 190]));

    assert.deepEqual(findings, ['geometry/overlap Reminded: overlaps Note']);
  });

  it('finds a boundary event on a task that is not its host', async () => {
    const findings = await drawingAfter(swap('attachedToRef="Draft"', 'attachedToRef="Check"'));

    assertIncludes(findings, 'geometry/overlap Draft: overlaps Timer');
  });

  it('finds two pools that overlap', async () => {
    const findings = await drawingAfter(...COLLAPSED_NEIGHBOUR, place('Bupati', 600, 490, 300, 60),
      route('Letter', [670, 490], [670, 413]));

    assertIncludes(findings, 'geometry/overlap Pool: overlaps Bupati');
  });
});

describe('boundary-event', () => {
  it('finds a boundary event that is not on the border of its host', async () => {
    const findings = await drawingAfter(place('Timer', 430, 182, 36, 36), route('Flow_Timer', [466, 200], [560, 200]));

    assertIncludes(findings, 'geometry/boundary-event Timer: is not centred on the border of Draft');
  });
});

describe('orthogonal', () => {
  it('finds a slanted flow', async () => {
    assert.deepEqual(await drawingAfter(
      route('Flow_Timer', [478, 200], [520, 200], [530, 190], [530, 200], [560, 200])),
      ['geometry/orthogonal Flow_Timer: has a slanted segment']);
  });

  it('lets an association slant', async () => {
    assert.deepEqual(await drawingAfter(route('Association_Note', [578, 182], [700, 135])), []);
  });
});

describe('docking', () => {
  it('finds a flow that begins short of its source', async () => {
    assert.deepEqual(await drawingAfter(route('Flow_Check', [470, 400], [520, 400])),
      ['geometry/docking Flow_Check: does not begin on the border of its source Check (10.0 off)']);
  });

  it('finds a flow that ends inside its target', async () => {
    assert.deepEqual(await drawingAfter(route('Flow_Check', [460, 400], [530, 400])),
      ['geometry/docking Flow_Check: does not end on the border of its target Decision (7.1 off)']);
  });

  it('finds a flow that ends on the bounds but beside the diamond', async () => {
    assert.deepEqual(await drawingAfter(route('Flow_Check', [460, 385], [520, 385])),
      ['geometry/docking Flow_Check: does not end on the border of its target Decision (10.6 off)']);
  });

  it('finds a flow that begins on the cut-off corner of a task', async () => {
    assert.deepEqual(await drawingAfter(route('Flow_Draft', [360, 240], [360, 360])), [
      'geometry/docking Flow_Draft: does not begin on the border of its source Draft (4.1 off)',
      'geometry/docking Flow_Draft: does not end on the border of its target Check (4.1 off)',
    ]);
  });

  it('finds a flow without length', async () => {
    assert.deepEqual(await drawingAfter(route('Flow_Check', [460, 400], [460, 400])),
      ['geometry/docking Flow_Check: has no length']);
  });

  it('lets a message flow begin on the border of a pool, and finds one that does not', async () => {
    assert.deepEqual(await drawingAfter(...COLLAPSED_NEIGHBOUR), []);
    assert.deepEqual(await drawingAfter(...COLLAPSED_NEIGHBOUR, route('Letter', [670, 550], [670, 413])),
      ['geometry/docking Letter: does not begin on the border of its source Bupati (10.0 off)']);
  });
});

describe('through-shape', () => {
  it('finds a flow through a foreign shape', async () => {
    const findings = await drawingAfter(
      place('Note', 950, 280, 100, 40), route('Association_Note', [596, 200], [950, 290]));

    assert.deepEqual(findings, ['geometry/through-shape Flow_End: passes through Note']);
  });

  it('finds a flow that only touches a foreign shape', async () => {
    const findings = await drawingAfter(
      place('Note', 700, 360, 100, 40), route('Association_Note', [596, 200], [700, 362]));

    assert.deepEqual(findings, ['geometry/through-shape Flow_End: passes through Note']);
  });

  it('finds an association through a foreign shape', async () => {
    const findings = await drawingAfter(
      place('Note', 700, 430, 100, 40), route('Association_Note', [596, 200], [700, 450]),
      place('Wait', 650, 350, 36, 36), placeLabel('Wait', 690, 350, 50, 14),
      route('Flow_Approved', [570, 400], [600, 400], [600, 368], [650, 368]),
      placeLabel('Flow_Approved', 572, 420, 36, 14), route('Flow_End', [686, 368], [1018, 368], [1018, 218]));

    assertIncludes(findings, 'geometry/through-shape Association_Note: passes through Wait');
  });

  it('finds a flow that runs back through its own source', async () => {
    const findings = await drawingAfter(route('Flow_Draft', [410, 160], [410, 360]));

    assertIncludes(findings, 'geometry/through-shape Flow_Draft: runs through its own source Draft');
  });
});

describe('name-strip', () => {
  it('finds a flow over the name of a lane', async () => {
    const findings = await drawingAfter(
      route('Flow_Return', [545, 425], [545, 470], [145, 470], [145, 140], [285, 140], [285, 175]));

    assert.deepEqual(findings, [
      'geometry/name-strip Flow_Return: passes over the name of Lane_Staf',
      'geometry/name-strip Flow_Return: passes over the name of Lane_Kepala',
    ]);
  });

  it('finds a label over the name of a lane', async () => {
    assert.deepEqual(await drawingAfter(placeLabel('Start', 150, 225, 30, 14)),
      ['geometry/name-strip Start: its label covers the name of Lane_Staf']);
  });
});

describe('label-place', () => {
  it('finds an event, a gateway and a flow whose label has no bounds', async () => {
    assert.deepEqual(await drawingAfter(dropLabel('Start'), dropLabel('Decision'), dropLabel('Flow_Approved')), [
      'geometry/label-place Start: has a name but no label bounds',
      'geometry/label-place Decision: has a name but no label bounds',
      'geometry/label-place Flow_Approved: has a name but no label bounds',
    ]);
  });
});

describe('label-overlap', () => {
  it('finds a label on a foreign shape', async () => {
    assert.deepEqual(await drawingAfter(placeLabel('Flow_Return', 400, 430, 50, 14)),
      ['geometry/label-overlap Flow_Return: its label overlaps Check']);
  });

  it('finds a label on its own shape', async () => {
    assert.deepEqual(await drawingAfter(placeLabel('Wait', 633, 410, 50, 14)),
      ['geometry/label-overlap Wait: its label overlaps Wait']);
  });

  it('finds two labels on each other', async () => {
    assert.deepEqual(await drawingAfter(placeLabel('Flow_Return', 600, 430, 70, 14)),
      ['geometry/label-overlap Wait: its label overlaps the label of Flow_Return']);
  });
});

describe('label-lane', () => {
  it('finds a label that leaves the lane of its shape', async () => {
    assert.deepEqual(await drawingAfter(placeLabel('Decision', 512, 290, 66, 14)),
      ['geometry/label-lane Decision: its label is not wholly inside Lane_Kepala']);
  });

  it('finds the label of a flow across the border of two lanes', async () => {
    assert.deepEqual(await drawingAfter(placeLabel('Flow_Approved', 600, 293, 36, 14)),
      ['geometry/label-lane Flow_Approved: its label is not wholly inside one lane']);
  });
});

describe('through-label', () => {
  it('finds a flow through a foreign label', async () => {
    assert.deepEqual(await drawingAfter(placeLabel('Timer', 490, 193, 44, 14)),
      ['geometry/through-label Flow_Timer: runs through the label of Timer']);
  });

  it('finds a flow through its own label', async () => {
    assert.deepEqual(await drawingAfter(placeLabel('Flow_Approved', 585, 393, 36, 14)),
      ['geometry/through-label Flow_Approved: runs through its own label']);
  });
});

describe('shared-line', () => {
  it('finds two flows on top of each other', async () => {
    const findings = await drawingAfter(
      route('Flow_End', [676, 400], [740, 400], [740, 470], [480, 470], [480, 320], [1018, 320], [1018, 218]));

    assertIncludes(findings, 'geometry/shared-line Flow_Return: runs on top of Flow_End for 65 units');
  });

  it('finds two flows so close that they look like one', async () => {
    const findings = await drawingAfter(
      route('Flow_End', [676, 400], [740, 400], [740, 472], [480, 472], [480, 320], [1018, 320], [1018, 218]));

    assertIncludes(findings, 'geometry/shared-line Flow_Return: runs on top of Flow_End for 65 units');
  });

  it('lets two flows join before their common target', async () => {
    const findings = await drawingAfter(
      route('Flow_Return', [545, 425], [545, 470], [225, 470], [225, 200], [260, 200]),
      placeLabel('Start', 175, 225, 30, 14));

    assert.deepEqual(findings, []);
  });

  it('lets two flows leave their common source together', async () => {
    const findings = await drawingAfter(
      route('Flow_Return', [570, 400], [605, 400], [605, 470], [285, 470], [285, 225]));

    assert.deepEqual(findings, []);
  });

  it('finds two flows that share a line before the last stretch to their common target', async () => {
    const findings = await drawingAfter(
      route('Flow_Start', [198, 182], [198, 150], [285, 150], [285, 175]),
      route('Flow_Return', [545, 425], [545, 470], [230, 470], [230, 150], [285, 150], [285, 175]));

    assert.deepEqual(findings, ['geometry/shared-line Flow_Start: runs on top of Flow_Return for 55 units']);
  });

  it('finds a flow along the border of a lane', async () => {
    const findings = await drawingAfter(
      route('Flow_Return', [545, 425], [545, 470], [480, 470], [480, 301], [285, 301], [285, 225]));

    assertIncludes(findings, 'geometry/shared-line Flow_Return: runs along the border of Lane_Kepala');
  });
});

describe('crossings', () => {
  it('are counted and are no finding', async () => {
    const crossing = seeded(
      route('Flow_Return', [545, 425], [545, 470], [330, 470], [330, 270], [440, 270], [440, 290], [285, 290],
        [285, 225]));

    const { crossings, findings } = await checkDiagram(crossing);

    assert.equal(crossings, 2);
    assert.deepEqual(findings, []);
  });
});
