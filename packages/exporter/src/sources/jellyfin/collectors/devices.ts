import type { Family, Metric } from '@media-exporter/metrics';
import { ENDPOINTS } from '../endpoints.ts';
import { DEVICES_CATALOGUE, devicesFamilies } from '../families/devices.ts';
import { readDevices } from '../parse/devices.ts';
import type { JellyfinState } from '../state.ts';
import type { CollectorContext, JellyfinCollector } from './collector.ts';

/** The devices that are signed in, counted. They cost the server some milliseconds each, so they are asked for seldom. */
export class DevicesCollector implements JellyfinCollector {
  readonly name = 'devices';
  /** So they are never asked for together with the accounts. */
  readonly line = 'slow';
  readonly staysVisible = false;
  readonly catalogue: readonly Metric[] = DEVICES_CATALOGUE;
  readonly #context: CollectorContext;
  #families: readonly Family[] = [];

  constructor(context: CollectorContext) {
    this.#context = context;
  }

  interval(): number {
    return this.#context.settings.users_interval * 1000;
  }

  async run(): Promise<void> {
    const { client, shared } = this.#context;
    const { value, date = shared.serverClock.now() } = await client.chunks(ENDPOINTS.devices, readDevices);
    this.#families = devicesFamilies(value, date);
  }

  families(): readonly Family[] {
    return this.#families;
  }

  state(): Partial<JellyfinState> {
    return {};
  }
}

export function create(context: CollectorContext): JellyfinCollector {
  return new DevicesCollector(context);
}
