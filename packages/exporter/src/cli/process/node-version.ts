/** The oldest Node.js that runs the exporter. */
export const LEAST_NODE = 24;

/** What is wrong with the version of Node.js, or nothing. Written so that an old Node.js can run it. */
export function judgeNode(version: string): string | undefined {
  const major = Number(/^v?(\d+)\./.exec(version)?.[1]);
  if (major >= LEAST_NODE) return undefined;
  return `MX_NODE_VERSION: media-exporter needs Node.js ${LEAST_NODE} or newer; this is ${version}. (docs/errors.md#mx_node_version)`;
}
