import { expect, test } from 'vitest';
import { judgeNode } from './node-version.ts';

test('Node.js 24 and newer will do', () => {
  for (const version of ['v24.0.0', 'v24.21.0', 'v26.1.0', 'v100.0.0']) expect(judgeNode(version)).toBeUndefined();
});

test('an older Node.js is told which one is needed', () => {
  expect(judgeNode('v20.20.2')).toMatch(/^MX_NODE_VERSION: .*24 or newer; this is v20\.20\.2/);
});
