// npm start. Plain JavaScript, so that a Node.js that cannot run TypeScript says so: on Linux the repository brings its
// own, elsewhere the machine's is used.
if (Number.parseInt(process.versions.node, 10) >= 24) {
  await import('../packages/exporter/src/cli/main.ts');
} else {
  const needed = 'MX_NODE_VERSION: media-exporter needs Node.js 24 or newer';
  process.stderr.write(`${needed}; this is ${process.version}. (docs/errors.md#mx_node_version)\n`);
  process.exitCode = 1;
}
