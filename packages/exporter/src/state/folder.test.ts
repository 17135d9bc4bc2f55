import { expect, test } from 'vitest';
import { defaultStateDir, dropInStateDir } from './folder.ts';

const HOME = '/home/ann';

test.each([
  [
    'that of systemd',
    { STATE_DIRECTORY: '/var/lib/media-exporter', XDG_STATE_HOME: '/x', HOME },
    '/var/lib/media-exporter',
  ],
  ['the first of those of systemd', { STATE_DIRECTORY: '/var/lib/a:/var/lib/b', HOME }, '/var/lib/a'],
  [
    'that of the desktop',
    { STATE_DIRECTORY: '', XDG_STATE_HOME: '/home/ann/state', HOME },
    '/home/ann/state/media-exporter',
  ],
  [
    'that of the user, where the desktop gives a relative one',
    { XDG_STATE_HOME: 'state', HOME },
    '/home/ann/.local/state/media-exporter',
  ],
  ['that of the user', { HOME }, '/home/ann/.local/state/media-exporter'],
  ['none, where there is no home', {}, undefined],
])('the folder of the state is %s', (_, env, dir) => expect(defaultStateDir(env)).toBe(dir));

test('a drop-in mode has a folder of its own', () => {
  expect(dropInStateDir('plex', { HOME })).toBe('/home/ann/.local/state/media-exporter/plex');
  expect(dropInStateDir('plex', {})).toBeUndefined();
});
