import type { IncomingHttpHeaders } from 'node:http';
import type { Answer } from '../../faults/index.ts';
import { camelCase, type Json, type JsonObject, jsonText } from '../text.ts';
import type { Caller } from '../transport/gate.ts';
import { parameter } from '../transport/gate.ts';

/** A request as the endpoints see it. */
export interface ApiRequest {
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly caller: Caller;
}

/** An answer in JSON, in the casing that the request asks for. */
export function json({ headers }: Pick<ApiRequest, 'headers'>, value: Json): Answer {
  const accept = headers.accept ?? 'profile="PascalCase"';
  const camel = /profile="?camelcase/i.test(accept);
  const pascal = /profile="?pascalcase/i.test(accept);
  const profile = camel ? ' profile="CamelCase";' : pascal ? ' profile="PascalCase";' : '';
  const body = jsonText(camel ? deepCamelCase(value) : value);
  return { status: 200, headers: { 'content-type': `application/json;${profile} charset=utf-8` }, body };
}

function deepCamelCase(value: Json | undefined): Json {
  if (Array.isArray(value)) return value.map(deepCamelCase);
  if (typeof value !== 'object' || value === null) return value ?? null;
  const entries = Object.entries(value as JsonObject).filter(([, inner]) => inner !== undefined);
  return camelCase(Object.fromEntries(entries.map(([key, inner]) => [key, deepCamelCase(inner)])));
}

export function text(body: string, contentType = 'text/plain'): Answer {
  return { status: 200, headers: { 'content-type': contentType }, body };
}

/** A status without a body, and without a Content-Type. */
export function empty(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers, body: '' };
}

/** A parameter that cannot be read: ProblemDetails, whose keys begin with small letters in every casing. */
export function problem(name: string): Answer {
  const body = jsonText({
    type: 'https://tools.ietf.org/html/rfc9110#section-15.5.1',
    title: 'One or more validation errors occurred.',
    status: 400,
    errors: { [name]: [`The value is not valid for ${name}.`] },
    traceId: '00-00000000000000000000000000000000-0000000000000000-00',
  });
  return { status: 400, headers: { 'content-type': 'application/json; profile="PascalCase"; charset=utf-8' }, body };
}

/** Thrown by the readers of parameters, and answered with {@link problem}. */
export class BadParameter extends Error {}

/** @throws BadParameter for what is no whole number. */
export function numberOf(query: URLSearchParams, name: string): number | undefined {
  const value = parameter(query, name);
  if (value === undefined || value === '') return undefined;
  if (!/^-?\d+$/.test(value)) throw new BadParameter(name);
  return Number(value);
}

/** @throws BadParameter for what is neither `true` nor `false`. */
export function booleanOf(query: URLSearchParams, name: string): boolean | undefined {
  const value = parameter(query, name)?.toLowerCase();
  if (value === undefined || value === '') return undefined;
  if (value !== 'true' && value !== 'false') throw new BadParameter(name);
  return value === 'true';
}

/** An id with or without dashes. @throws BadParameter for what is none. */
export function idParameter(query: URLSearchParams, name: string): string | undefined {
  const value = parameter(query, name)?.toLowerCase().replaceAll('-', '');
  if (value === undefined || value === '') return undefined;
  if (!/^[0-9a-f]{32}$/.test(value)) throw new BadParameter(name);
  return value;
}

/** Values that commas separate, in lower case. */
export function listOf(query: URLSearchParams, name: string): readonly string[] {
  return (parameter(query, name) ?? '').toLowerCase().split(',').filter(Boolean);
}
