import type { PlexState } from '../state.ts';
import { withoutUndefined } from '../transcode.ts';
import type { Container } from './server.ts';

/** GET /activities */
export function activities({ activities: running }: PlexState): Container {
  return withoutUndefined({ size: running.size, Activity: running.size > 0 ? [...running] : undefined });
}

/** GET /status/sessions/background */
export function backgroundJobs({ jobs }: PlexState): Container {
  return withoutUndefined({ size: jobs.length, TranscodeJob: jobs.length > 0 ? [...jobs] : undefined });
}

/** GET /updater/status */
export function updater({ settings, epoch }: PlexState): Container {
  const { update } = settings;
  const release = {
    key: 'https://plex.tv/updater/releases/1',
    version: update,
    state: 'available',
    added: '',
    fixed: '',
  };
  return withoutUndefined({
    size: update === undefined ? 0 : 1,
    canInstall: false,
    checkedAt: epoch,
    downloadURL: update === undefined ? undefined : 'https://plex.tv/downloads/latest/1',
    status: 0,
    Release: update === undefined ? undefined : [release],
  });
}

/** GET /accounts */
export function accounts(state: PlexState): Container {
  const entries = state.accounts.map(({ id, name }) => ({
    id,
    key: `/accounts/${id}`,
    name,
    defaultAudioLanguage: 'en',
    autoSelectAudio: true,
    defaultSubtitleLanguage: 'en',
    subtitleMode: 1,
    thumb: '',
  }));
  return { size: entries.length, identifier: 'com.plexapp.system.accounts', Account: entries };
}

/** GET /myplex/account: no MediaContainer, but a MyPlex, and the owner's token stands in it. */
export function myPlex({ settings, token }: PlexState): Container {
  return {
    authToken: token,
    username: 'owner@example.org',
    mappingState: settings.reachable ? 'mapped' : 'failed',
    mappingError: settings.reachable ? '' : 'unreachable',
    signInState: 'ok',
    publicAddress: '203.0.113.140',
    publicPort: '32400',
    privateAddress: '192.0.2.2',
    privatePort: '32400',
    subscriptionActive: settings.plexPass ? '1' : '0',
    subscriptionState: settings.plexPass ? 'Active' : 'Inactive',
  };
}
