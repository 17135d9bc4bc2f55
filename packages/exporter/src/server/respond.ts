import type { ServerResponse } from 'node:http';

/** Answers with a text. Headers that are set already stay: they are those of the web configuration file. */
export function respond(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = text.endsWith('\n') ? text : `${text}\n`;
  const more = Object.entries(headers).filter(([name]) => !response.hasHeader(name));
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    ...Object.fromEntries(more),
  });
  // Node leaves the body out when the method is HEAD.
  response.end(body);
}

/** Answers with JSON. */
export function respondJson(response: ServerResponse, status: number, value: unknown): void {
  respond(response, status, JSON.stringify(value), { 'content-type': 'application/json' });
}
