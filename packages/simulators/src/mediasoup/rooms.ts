import type { PeerProfile } from './real/peer.ts';
import type { SimulatedSfu } from './sfu.ts';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

/** Two rooms with something to look at: simulcast in one, a bad network in each. For the demo, the example and tests. */
export const EXAMPLE_ROOMS: Readonly<Record<string, readonly PeerProfile[]>> = {
  lobby: [
    { id: 'lobby-1', displayName: 'Speaker', userAgent: FIREFOX, simulcast: true },
    { id: 'lobby-2', displayName: 'Listener', userAgent: CHROME },
    { id: 'lobby-3', displayName: 'Listener on a train', userAgent: CHROME, loss: 0.03 },
  ],
  workshop: [
    { id: 'workshop-1', displayName: 'Host', userAgent: CHROME },
    { id: 'workshop-2', displayName: 'Guest on mobile data', userAgent: FIREFOX, loss: 0.01 },
  ],
};

/** Fills a simulated SFU with rooms, as `startRealSfu` does with a real one. */
export function fillRooms(sfu: SimulatedSfu, rooms: Readonly<Record<string, readonly PeerProfile[]>>): void {
  for (const [id, profiles] of Object.entries(rooms)) {
    const room = sfu.addRoom(id);
    const [first, ...others] = profiles.map(({ id, displayName, userAgent, simulcast, loss }) =>
      room.join(id, ['audio', simulcast === true ? 'simulcast' : 'video'], {
        displayName,
        userAgent,
        link: { loss: loss ?? 0, roundTripTime: 20 + 1000 * (loss ?? 0), jitter: 2 + 200 * (loss ?? 0) },
      }),
    );
    const chat = first?.produceData();
    if (chat !== undefined) for (const other of others) other.consumeData(chat);
  }
}

/** The profile of a peer, whichever room it is in. */
export function profileOf(
  rooms: Readonly<Record<string, readonly PeerProfile[]>>,
  id: string,
): PeerProfile | undefined {
  return Object.values(rooms)
    .flat()
    .find((profile) => profile.id === id);
}
