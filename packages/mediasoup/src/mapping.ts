import { isRecord, type MediasoupObject, text } from './shapes.ts';

/** The parts of a mediasoup object that the host tells its objects apart by. */
export type MappedObject = Pick<MediasoupObject, 'id' | 'appData'>;

export interface PeerInfo {
  readonly displayName?: string | undefined;
  readonly userAgent?: string | undefined;
}

/** How the host's objects belong to rooms and peers. What throws or is no text is taken as not known. */
export interface Mapping {
  /**
   * The room of a router, or of a transport, producer or consumer on it. By default `appData.roomId` of the object or
   * else of its router, as edumeet sets it.
   */
  readonly roomOf?: (object: MappedObject, router: MappedObject) => string | undefined;
  /**
   * The peer of a transport, or of a producer or consumer on it. By default `appData.peerId` of the object or else of
   * its transport, as edumeet sets it.
   */
  readonly peerOf?: (object: MappedObject, transport: MappedObject) => string | undefined;
  /** What is known about a peer; asked again at each poll. By default `appData.displayName` and `.userAgent` of its transport. */
  readonly peerInfo?: (peerId: string, roomId: string, transport: MappedObject) => PeerInfo | undefined;
}

/** A mapping that always gives texts: empty where the host's has nothing. */
export interface SafeMapping {
  room(object: MappedObject, router: MappedObject): string;
  peer(object: MappedObject, transport: MappedObject): string;
  info(peerId: string, roomId: string, transport: MappedObject): { displayName: string; userAgent: string };
}

export function makeMapping(mapping: Mapping): SafeMapping {
  const roomOf = mapping.roomOf ?? ((object, router) => appText(object, 'roomId') || appText(router, 'roomId'));
  const peerOf = mapping.peerOf ?? ((object, transport) => appText(object, 'peerId') || appText(transport, 'peerId'));
  const peerInfo =
    mapping.peerInfo ??
    ((_peer, _room, transport) => ({
      displayName: appText(transport, 'displayName'),
      userAgent: appText(transport, 'userAgent'),
    }));
  return {
    room: (object, router) => text(attempt(() => roomOf(object, router))),
    peer: (object, transport) => text(attempt(() => peerOf(object, transport))),
    info: (peerId, roomId, transport) => {
      const info = attempt(() => peerInfo(peerId, roomId, transport));
      if (!isRecord(info)) return { displayName: '', userAgent: '' };
      return { displayName: text(info.displayName), userAgent: text(info.userAgent) };
    },
  };
}

function appText({ appData }: MappedObject, key: string): string {
  return isRecord(appData) ? text(appData[key]) : '';
}

function attempt(ask: () => unknown): unknown {
  try {
    return ask();
  } catch {
    return undefined;
  }
}
