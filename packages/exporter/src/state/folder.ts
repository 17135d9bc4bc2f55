import { join } from 'node:path';

/**
 * Where the state is kept when nothing else is said: in the folder that systemd gave, else in that of the user. `undefined`
 * where there is neither.
 */
export function defaultStateDir(env: Readonly<Record<string, string | undefined>>): string | undefined {
  // systemd.exec(5): several folders are separated by colons.
  const given = env.STATE_DIRECTORY?.split(':')[0];
  if (given !== undefined && given !== '') return given;
  // The XDG base directory specification: a relative path is to be ignored.
  const { XDG_STATE_HOME: state = '', HOME: home = '' } = env;
  if (state.startsWith('/')) return join(state, 'media-exporter');
  return home === '' ? undefined : join(home, '.local/state/media-exporter');
}

/** The folder of a drop-in mode: below the usual one, so that several modes can run side by side. */
export function dropInStateDir(mode: string, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const usual = defaultStateDir(env);
  return usual === undefined ? undefined : join(usual, mode);
}
