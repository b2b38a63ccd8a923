import { plannerName, readPlannerName } from './execution-document.js';

test('a planner name has workflow and version', () => {
  expect(readPlannerName(plannerName('invoice-extraction', 'v1.3.0'))).toEqual({
    workflow: 'invoice-extraction',
    version: 'v1.3.0',
  });
  expect(readPlannerName('two--parts--1.0.0-rc.1')).toEqual({ workflow: 'two--parts', version: '1.0.0-rc.1' });
});

test.each(['extract', 'extract--latest', '--v1.0.0'])('a name of another form is the workflow: %s', (planner) => {
  expect(readPlannerName(planner)).toEqual({ workflow: planner, version: null });
});
