import { sessionJson } from '../plays/session.ts';
import type { ServerState } from '../state.ts';
import type { Json } from '../text.ts';
import type { SocketHost, Topic } from './socket.ts';

/**
 * What the server tells the listeners of its socket, and how they stand in its sessions.
 *
 * @param connected how many listen.
 */
export function listenersOf(state: ServerState, connected: () => number): Pick<SocketHost, 'data' | 'changed'> {
  return {
    data: (topic) => topicJson(topic, state),
    // The listeners of an API key are one session of nobody, which outlives those that were dropped.
    changed: (listening, clean) => {
      const { sessions, settings, dialect, id } = state;
      const names = { client: 'media-exporter', name: 'Jellyfin Server' };
      const device = { ...names, version: settings.version, id, address: '127.0.0.1' };
      if (listening) sessions.touch(device, undefined).active = true;
      else if (connected() > 0) return;
      else if (clean) sessions.remove(device);
      else sessions.touch(device, undefined).active = !dialect.since12;
    },
  };
}

function topicJson(topic: Topic, state: ServerState): Json {
  if (topic === 'ActivityLogEntry') return [];
  if (topic === 'ScheduledTasksInfo') return state.tasks.json().filter(({ IsHidden }) => IsHidden === false);
  return state.sessions.list.map((session) => sessionJson(session, state));
}
