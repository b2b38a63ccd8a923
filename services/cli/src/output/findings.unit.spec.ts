import { describeFinding, findingLine } from './findings.js';

describe('a line for a finding', () => {
  it('says where, how bad, which rule, what, and what to do', () => {
    const finding = {
      code: 'plan.cycle',
      severity: 'error',
      artifact: { kind: 'workflow', name: 'invoice' },
      node: 'a1',
      message: 'The nodes a1 → b2 → a1 wait for each other.',
      remedy: 'Remove one dependency of the cycle.',
    } as const;
    expect(findingLine(finding)).toBe(
      'workflows/invoice.json:a1 error plan.cycle The nodes a1 → b2 → a1 wait for each other. — Remove one dependency of the cycle.',
    );
  });

  it('names the file that the artifact came from', () => {
    const finding = {
      code: 'x',
      severity: 'warning',
      artifact: { kind: 'agent', name: 'a' },
      path: '/llm',
      message: 'M.',
    } as const;
    expect(findingLine(finding, () => 'agents/a.yaml')).toBe('agents/a.yaml:/llm warning x M.');
  });

  it('is one line, even of a shape that nobody knows', () => {
    expect(describeFinding({ hello: 'a\nb' })).toBe("{ hello: 'a\\nb' }");
    expect(describeFinding('text')).toBe("'text'");
  });
});
