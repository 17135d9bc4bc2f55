import type { Clock } from '@media-exporter/metrics';
import { type Random, seededRandom } from '../random.ts';
import { Channel } from './channel.ts';
import { type Context, SafeEmitter } from './entity.ts';
import type { Media } from './peer.ts';
import type { SimulatedProducer } from './producer.ts';
import { SimulatedRoom } from './room.ts';
import { BEHAVIOURS, type Behaviour, type Shape } from './shape.ts';
import { Truth } from './truth.ts';
import { SimulatedWorker } from './worker.ts';

export interface SimulatedSfuOptions {
  readonly clock: Clock;
  /** Defaults to a generator with a fixed seed, so that two runs give the same ids and the same media. */
  readonly random?: Random;
  /** The mediasoup version whose objects and habits are simulated. */
  readonly shape?: Shape;
  /** What {@link SimulatedSfu.start} makes: rooms on workers in turn, each full of connected peers. */
  readonly workers?: number;
  readonly rooms?: number;
  readonly peersPerRoom?: number;
  /** What each of those peers sends to all others in its room. */
  readonly media?: readonly Media[];
}

/** A pid above the highest that Linux gives (2^22), so that nobody takes a stranger's process for a worker. */
const FIRST_PID = 10_000_001;

/**
 * A fake mediasoup: the tree of objects with their observers, events, getters and statistics, as one of its versions has
 * them, without a process behind. Hand `mediasoup` to whoever observes, then call {@link start}. Nothing happens by
 * itself: {@link advance} moves the media, {@link run} does so by the clock.
 */
export class SimulatedSfu {
  /** In the place of the host's mediasoup module. */
  readonly mediasoup: { readonly observer: SafeEmitter; readonly version: string };
  /** What really was sent and received, also by what is closed. */
  readonly truth: Truth = new Truth();
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #behaviour: Behaviour;
  readonly #options: Required<Pick<SimulatedSfuOptions, 'workers' | 'rooms' | 'peersPerRoom' | 'media'>>;
  readonly #workers = new Map<SimulatedWorker, Context>();
  readonly #rooms = new Map<string, SimulatedRoom>();
  #made = 0;
  #stop: () => void = () => {};

  constructor(options: SimulatedSfuOptions) {
    this.#clock = options.clock;
    this.#random = options.random ?? seededRandom(1);
    this.#behaviour = BEHAVIOURS[options.shape ?? '3.8'];
    this.#options = {
      workers: options.workers ?? 1,
      rooms: options.rooms ?? 0,
      peersPerRoom: options.peersPerRoom ?? 0,
      media: options.media ?? ['audio', 'simulcast'],
    };
    this.mediasoup = { observer: new SafeEmitter(), version: this.#behaviour.version };
  }

  /** Those alive, in the order of their birth. */
  get workers(): readonly SimulatedWorker[] {
    return [...this.#workers.keys()];
  }

  get rooms(): ReadonlyMap<string, SimulatedRoom> {
    return this.#rooms;
  }

  /** Makes the workers, rooms and peers that the options ask for. */
  start(): this {
    const { workers, rooms, peersPerRoom, media } = this.#options;
    for (let index = 0; index < workers; index += 1) this.addWorker();
    for (let index = 1; index <= rooms; index += 1) {
      const room = this.addRoom(`room-${index}`);
      for (let number = 1; number <= peersPerRoom; number += 1) room.join(`${room.id}-peer-${number}`, media);
    }
    return this;
  }

  addWorker(): SimulatedWorker {
    const context: Context = {
      behaviour: this.#behaviour,
      channel: new Channel(this.#clock, this.#behaviour),
      random: this.#random,
      now: () => Math.round(this.#clock.now()),
    };
    const worker = new SimulatedWorker(context, FIRST_PID + this.#made);
    this.#made += 1;
    this.#workers.set(worker, context);
    worker.observer.once('close', () => {
      this.#workers.delete(worker);
      for (const room of this.#rooms.values()) if (room.worker === worker) this.#rooms.delete(room.id);
    });
    this.mediasoup.observer.safeEmit('newworker', worker);
    return worker;
  }

  /**
   * A room, by default on the worker that has the fewest.
   *
   * @throws RangeError when there is no such worker.
   */
  addRoom(id: string, worker: SimulatedWorker | undefined = this.#idlest()): SimulatedRoom {
    const context = worker === undefined ? undefined : this.#workers.get(worker);
    if (worker === undefined || context === undefined) throw new RangeError('no such worker');
    const room = new SimulatedRoom(context, worker, this.truth, id);
    this.#rooms.set(id, room);
    return room;
  }

  removeRoom(id: string): void {
    this.#rooms.get(id)?.close();
    this.#rooms.delete(id);
  }

  /**
   * Brings a producer of a room to another worker, where it has the same id.
   *
   * @throws RangeError when there is no such worker.
   */
  pipe(room: SimulatedRoom, producer: SimulatedProducer, worker: SimulatedWorker): SimulatedProducer {
    const context = this.#workers.get(worker);
    if (context === undefined) throw new RangeError('no such worker');
    return room.pipe(producer, worker, context);
  }

  /** Moves so many milliseconds of media through all rooms. The clock is not touched. */
  advance(milliseconds: number): void {
    for (const room of this.#rooms.values()) room.advance(milliseconds);
  }

  /** Moves media by the clock, a step every `interval` milliseconds, until {@link close}. */
  run(interval = 1000): this {
    let before = this.#clock.now();
    const step = (): void => {
      const now = this.#clock.now();
      this.advance(now - before);
      before = now;
      this.#stop = this.#clock.after(interval, step);
    };
    this.#stop();
    this.#stop = this.#clock.after(interval, step);
    return this;
  }

  close(): void {
    this.#stop();
    for (const worker of this.workers) worker.close();
  }

  #idlest(): SimulatedWorker | undefined {
    return this.workers.toSorted((a, b) => a.routers.length - b.routers.length)[0];
  }
}
