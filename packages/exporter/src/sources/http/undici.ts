import { createRequire } from 'node:module';
import type undici from 'undici';

// What is used of undici, and nothing else: its index loads fetch, caches, mocks and WebSockets too, which take 8 MB that
// an exporter beside a small server should not need. The version is exact, and a test holds these paths.
const require = createRequire(import.meta.url);

export type Agent = undici.Agent;

/** A pool of connections to one server, with the method `request`. */
export const Agent: typeof undici.Agent = require('undici/lib/dispatcher/agent.js');
const Dispatcher: typeof undici.Dispatcher = require('undici/lib/dispatcher/dispatcher.js');
Object.assign(Dispatcher.prototype, { request: require('undici/lib/api/index.js').request });
