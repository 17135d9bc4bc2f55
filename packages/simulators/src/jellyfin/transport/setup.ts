import type { Answer } from '../../faults/index.ts';
import { endpointOf } from '../api/routes.ts';
import { publicInfo } from '../api/system.ts';
import type { ServerState } from '../state.ts';
import { camelCase, jsonText } from '../text.ts';

/**
 * What the setup server of 10.11 and later answers while migrations run: it is healthy to a degree, says in camel case
 * that the wizard was not completed, also where it was, and sends everybody else away for five seconds.
 */
export function setupAnswer(state: ServerState, path: string): Answer {
  const endpoint = endpointOf(path);
  if (endpoint === '/health') return { status: 200, headers: { 'content-type': 'text/plain' }, body: 'Degraded' };
  if (endpoint === '/System/Info/Public') {
    const body = jsonText(camelCase({ ...publicInfo(state), StartupWizardCompleted: false }));
    return { status: 200, headers: { 'content-type': 'application/json; charset=utf-8' }, body };
  }
  const headers = { 'content-type': 'text/html', 'retry-after': '005' };
  return { status: 503, headers, body: '<!DOCTYPE html><html><body>Jellyfin Startup</body></html>' };
}
