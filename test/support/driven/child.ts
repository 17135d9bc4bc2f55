import { reduceFootprint } from '../../../packages/exporter/src/cli/process/footprint.ts';
import type { FromChild, ToChild } from './messages.ts';

// A driven exporter in a process of its own, so that it can be killed and measured. The parent turns its clock.
const [start = '', ...args] = process.argv.slice(2);
// As the program itself does, before anything else is loaded.
reduceFootprint(args);
const { ManualClock } = await import('@media-exporter/metrics/testing');
const { DrivenExporter } = await import('./exporter.ts');
const env = Object.fromEntries(
  Object.entries(process.env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
);
const tell = (message: FromChild): void => void process.send?.(message);
let held = 0;
const exporter = await DrivenExporter.start({ args, env, clock: new ManualClock(Number(start)) });

process.on('message', async (message: ToChild) => {
  if ('held' in message) held = message.held;
  else if ('advance' in message) {
    await exporter.advance(message.advance, () => held);
    tell({ advanced: true });
  } else {
    tell({ usage: { ...process.cpuUsage(), rss: process.memoryUsage.rss() } });
  }
});
process.on('disconnect', () => process.exit(0));
tell({ base: exporter.base });
