import { type FaultHandle, Switchboard } from './switchboard.ts';

export type SocketFault =
  /** New connections are turned away with this status. */
  | { readonly kind: 'refuse'; readonly status?: 401 | 403 | 404 | 503 }
  /** Connections stand, and nothing comes through them: no message, no pong, no close. */
  | { readonly kind: 'half-open' }
  /** Messages are lost: those with this state (`stopped`), or all. */
  | { readonly kind: 'lost'; readonly state?: string }
  /** Each message comes twice. */
  | { readonly kind: 'duplicated' }
  /** Each second message comes before the one that it follows. */
  | { readonly kind: 'reordered' }
  /** Before each message comes a frame that is none. */
  | { readonly kind: 'garbage' };

/** A message on its way to the listeners. */
export interface Message {
  readonly type: string;
  readonly state?: string | undefined;
  readonly message: string;
}

export type Frame = string | Uint8Array;

/** Frames that no client should trip over. */
export const GARBAGE: readonly Frame[] = [
  '',
  'null',
  '[]',
  '{}',
  '"text"',
  '{"NotificationContainer":',
  '{"NotificationContainer":null}',
  '{"NotificationContainer":7}',
  '{"NotificationContainer":[]}',
  '{"NotificationContainer":{"type":7,"size":"x"}}',
  '{"NotificationContainer":{"type":"playing","size":1}}',
  '{"NotificationContainer":{"type":"playing","PlaySessionStateNotification":{"sessionKey":{}}}}',
  '{"NotificationContainer":{"type":"playing","PlaySessionStateNotification":[null,7,"x",[]]}}',
  '{"NotificationContainer":{"type":"transcodeSession.update","TranscodeSession":[{"key":null,"speed":"fast"}]}}',
  '{"NotificationContainer":{"type":"timeline","TimelineEntry":[{"state":"five","sectionID":[]}]}}',
  '{"_elementType":"NotificationContainer","type":"playing","_children":[{"sessionKey":"1"}]}',
  '<html><body><h1>502 Bad Gateway</h1></body></html>',
  new Uint8Array([0, 255, 254, 128, 13, 10]),
  `{"NotificationContainer":{"type":"${'x'.repeat(100_000)}"}}`,
];

/** The faults of a simulated WebSocket. */
export class SocketFaults {
  readonly #board = new Switchboard<SocketFault, Message>();
  readonly #halfOpenListeners: ((silent: boolean) => void)[] = [];
  #held: string | undefined;
  #garbage = 0;

  /** @param times how many messages are hit. Without: until it is switched off. */
  switchOn(fault: SocketFault, times?: number): FaultHandle {
    const handle = this.#board.switchOn(fault, (message) => concerns(fault, message), times);
    if (fault.kind !== 'half-open') return handle;
    this.#tellHalfOpen();
    return {
      get hits() {
        return handle.hits;
      },
      get active() {
        return handle.active;
      },
      end: () => {
        handle.end();
        this.#tellHalfOpen();
      },
    };
  }

  clear(): void {
    this.#board.clear();
    this.#tellHalfOpen();
  }

  get halfOpen(): boolean {
    return this.#board.active.some(({ kind }) => kind === 'half-open');
  }

  /** The status that turns new connections away. */
  get refusal(): number | undefined {
    const refusal = this.#board.active.findLast((fault) => fault.kind === 'refuse');
    return refusal === undefined ? undefined : (refusal.status ?? 503);
  }

  /** @internal Hears of it when connections fall silent, and when they speak again. */
  onHalfOpen(listener: (silent: boolean) => void): void {
    this.#halfOpenListeners.push(listener);
  }

  /** @internal The frames that are sent in the place of a message. */
  pass(message: Message): readonly Frame[] {
    const fault = this.#board.strike(message);
    const held = this.#held === undefined ? [] : [this.#held];
    this.#held = undefined;
    switch (fault?.kind) {
      case 'lost':
        return held;
      case 'duplicated':
        return [...held, message.message, message.message];
      case 'reordered':
        if (held.length > 0) return [message.message, ...held];
        this.#held = message.message;
        return [];
      case 'garbage':
        this.#garbage += 1;
        return [...held, GARBAGE[(this.#garbage - 1) % GARBAGE.length] ?? '', message.message];
      default:
        return [...held, message.message];
    }
  }

  #tellHalfOpen(): void {
    for (const listener of this.#halfOpenListeners) listener(this.halfOpen);
  }
}

function concerns(fault: SocketFault, message: Message): boolean {
  if (fault.kind === 'refuse' || fault.kind === 'half-open') return false;
  return fault.kind !== 'lost' || fault.state === undefined || fault.state === message.state;
}
