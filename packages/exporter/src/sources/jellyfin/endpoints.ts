import type { Endpoint } from './client.ts';

/** All that is ever asked of a server. The keys are what metrics call them. */
export const ENDPOINTS = {
  health: { name: 'health', path: '/health' },
  system_info: { name: 'system_info', path: '/System/Info' },
  sessions: { name: 'sessions', path: '/Sessions' },
  tasks: { name: 'tasks', path: '/ScheduledTasks' },
  activity: { name: 'activity', path: '/System/ActivityLog/Entries' },
  users: { name: 'users', path: '/Users' },
  devices: { name: 'devices', path: '/Devices' },
  storage: { name: 'storage', path: '/System/Info/Storage' },
  plugins: { name: 'plugins', path: '/Plugins' },
  encoding: { name: 'encoding', path: '/System/Configuration/encoding' },
  items_counts: { name: 'items_counts', path: '/Items/Counts' },
  items: { name: 'items', path: '/Items' },
  libraries: { name: 'libraries', path: '/Library/VirtualFolders' },
  playback_reporting: { name: 'playback_reporting', path: '/user_usage_stats/user_activity' },
  logs: { name: 'logs', path: '/System/Logs' },
  log: { name: 'log', path: '/System/Logs/Log' },
  /** Below the URL; where the process collector is told of another path, its name stays. */
  metrics: { name: 'metrics', path: '/metrics' },
} as const satisfies Record<string, Endpoint>;

export type EndpointName = keyof typeof ENDPOINTS;
