import type { Answer } from '../../faults/index.ts';
import type { Account } from '../people.ts';
import type { ServerState } from '../state.ts';
import { dateText, type JsonObject } from '../text.ts';
import { type ApiRequest, json } from './answer.ts';
import { USER_CONFIGURATION, USER_POLICY } from './defaults.ts';

export function users(state: ServerState, request: ApiRequest): Answer {
  return json(
    request,
    state.people.accounts.map((account) => userJson(account, state)),
  );
}

function dateOrNot(epochMs: number | undefined): string | undefined {
  return epochMs === undefined ? undefined : dateText(epochMs);
}

function userJson(account: Account, { id }: ServerState): JsonObject {
  return {
    Name: account.name,
    ServerId: id,
    Id: account.id,
    HasPassword: true,
    HasConfiguredPassword: true,
    HasConfiguredEasyPassword: false,
    EnableAutoLogin: false,
    LastLoginDate: dateOrNot(account.lastLogin),
    LastActivityDate: dateOrNot(account.lastActivity),
    Configuration: USER_CONFIGURATION,
    Policy: {
      ...USER_POLICY,
      IsAdministrator: account.admin,
      IsDisabled: account.disabled,
      InvalidLoginAttemptCount: account.failedLogins,
    },
  };
}

/** Of all sessions that the server holds; a real one remembers devices for longer. */
export function devices(state: ServerState, request: ApiRequest): Answer {
  const items = state.sessions.list.flatMap(({ device, user, lastActivity }) =>
    user === undefined
      ? []
      : {
          Name: device.name,
          Id: device.id,
          LastUserName: user.name,
          AppName: device.client,
          AppVersion: device.version,
          LastUserId: user.id,
          DateLastActivity: dateText(lastActivity),
          Capabilities: {
            PlayableMediaTypes: [],
            SupportedCommands: [],
            SupportsMediaControl: false,
            SupportsPersistentIdentifier: true,
          },
        },
  );
  return json(request, { Items: items, TotalRecordCount: items.length, StartIndex: 0 });
}
