import { type AddStep, type Evening, type EveningOptions, EveningPlan, visit } from '../../evening.ts';
import { type Random, seededRandom } from '../../random.ts';
import type { SimulatedJellyfin } from '../jellyfin.ts';
import type { ClientOptions, PlayOptions } from '../options.ts';
import type { SimulatedPlay } from '../plays/play.ts';
import { SCRIPTS, type Script } from './scripts.ts';

const SECOND = 1000;
const MINUTE = 60_000;

/** When clients may come, and how long the longest of them stays. */
const ARRIVALS_MS = 80 * MINUTE;
const LONGEST_MS = 40 * MINUTE;
const EVENING_MS = ARRIVALS_MS + LONGEST_MS + 15 * MINUTE;
const RESTART = { at: 50 * MINUTE, quietBefore: 15 * SECOND, quietAfter: 60 * SECOND };

const CLIENTS = ['Jellyfin Web', 'Jellyfin Android TV', 'Infuse', 'Findroid', 'Jellyfin Roku', 'Finamp'];

/**
 * A scripted evening of a good two hours: clients of all kinds, those that lie and those that die among them, scans, wrong
 * passwords, a new user and, unless told otherwise, a restart in place. It is run by the server's clock from now on; the
 * server's truth has the outcome. Wants the libraries that the server has by default.
 */
export function evening(jellyfin: SimulatedJellyfin, options: EveningOptions = {}): Evening {
  const { sessions = 25, seed = 1, restart = true } = options;
  const random = seededRandom(seed);
  const kinds = Object.entries(SCRIPTS);
  const users = jellyfin.people.accounts.filter(({ disabled }) => !disabled).map(({ name }) => name);
  const plan = new EveningPlan(restart ? { ...RESTART, run: () => jellyfin.restart() } : undefined);
  const { add } = plan;
  for (let index = 0; index < sessions; index += 1) {
    const [title, write] = kinds[index % kinds.length] ?? [];
    const user = users[index % users.length];
    const client = CLIENTS[index % CLIENTS.length];
    if (title === undefined || write === undefined || user === undefined || client === undefined) continue;
    const who: ClientOptions = { user, client, device: `Device ${index + 1}`, address: addressOf(index) };
    const number = index + 1;
    const told: AddStep = (at, step, run) => add(at, `client ${number}, ${title}: ${step}`, run);
    write(scriptOf({ jellyfin, who, random, number, add: told }));
  }
  addHousekeeping(jellyfin, add);
  const steps = plan.begin((ms, task) => jellyfin.after(ms, task));
  return { steps, durationMs: EVENING_MS };
}

/** Some of them are far away. */
function addressOf(index: number): string {
  return index % 3 === 0 ? `203.0.113.${index + 1}` : `192.168.1.${index + 50}`;
}

interface ScriptHost {
  readonly jellyfin: SimulatedJellyfin;
  readonly who: ClientOptions;
  readonly random: Random;
  readonly number: number;
  readonly add: AddStep;
}

function scriptOf({ jellyfin, who, random, number, add }: ScriptHost): Script {
  const { play, later } = visit<SimulatedPlay>(random, ARRIVALS_MS, add);
  return {
    jellyfin,
    number,
    play: (options: PlayOptions, other: ClientOptions = {}) =>
      play(() => jellyfin.play({ ...options, ...who, ...other })),
    later,
  };
}

/** What servers and their owners do. */
function addHousekeeping(jellyfin: SimulatedJellyfin, add: AddStep): void {
  const scan = (outcome: 'Completed' | 'Failed') => (): void => {
    jellyfin.tasks.run('RefreshLibrary', { durationMs: 90 * SECOND, outcome });
  };
  add(6 * MINUTE, 'a scan', scan('Completed'));
  add(28 * MINUTE, 'a scan that fails', scan('Failed'));
  add(70 * MINUTE, 'a scan that is cancelled', () => {
    const run = jellyfin.tasks.run('RefreshLibrary', { durationMs: 90 * SECOND });
    jellyfin.after(20 * SECOND, () => run.cancel());
  });
  const first = jellyfin.people.accounts[0]?.name ?? '';
  for (const minute of [15, 16, 17]) add(minute * MINUTE, 'a wrong password', () => jellyfin.people.failLogin(first));
  add(40 * MINUTE, 'a new user', () => jellyfin.people.add({ name: 'guest' }));
  add(90 * MINUTE, 'the new user goes', () => jellyfin.people.remove('guest'));
  add(20 * MINUTE, 'another setting of hardware', () => {
    jellyfin.settings.hardwareAcceleration = 'vaapi';
  });
  add(35 * MINUTE, 'the setting back', () => {
    jellyfin.settings.hardwareAcceleration = 'none';
  });
  add(33 * MINUTE, 'somebody looks around', () => jellyfin.browse({ user: first, device: 'Idle tablet' }));
}
