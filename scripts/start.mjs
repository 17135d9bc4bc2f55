// npm start. Plain JavaScript, so that a Node.js that cannot run TypeScript says so: on Linux the repository brings its
// own, elsewhere the machine's is used.
if (Number.parseInt(process.versions.node, 10) >= 24) {
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => ignoreEcho(signal));
  await import('../packages/exporter/src/cli/main.ts');
} else {
  const needed = 'MX_NODE_VERSION: media-exporter needs Node.js 24 or newer';
  process.stderr.write(`${needed}; this is ${process.version}. (docs/errors.md#mx_node_version)\n`);
  process.exitCode = 1;
}

/**
 * A terminal signals npm and this process, and then npm passes the signal on once more: perhaps when the exporter has
 * stopped already and listens no longer, so that a clean stop would end as a killed process. A signal that comes before
 * the exporter listens ends it, as always.
 */
function ignoreEcho(signal) {
  if (process.listenerCount(signal) === 0) process.exit(signal === 'SIGINT' ? 130 : 143);
  process.on(signal, () => {});
}
