#!/usr/bin/env node
import { reduceFootprint } from './process/footprint.ts';
import { judgeNode } from './process/node-version.ts';

reduceFootprint(process.argv.slice(2));
// A pipe that nobody reads any longer is not worth failing for.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

const fault = judgeNode(process.version);
if (fault === undefined) {
  // Loaded only now: what follows does not load on an older Node.js, which would hide the reason.
  const { realEnvironment } = await import('./process/real.ts');
  const { execute } = await import('./program.ts');
  process.exit(await execute(process.argv.slice(2), realEnvironment()));
} else {
  process.stderr.write(`${fault}\n`);
  process.exit(1);
}
