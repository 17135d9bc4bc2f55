import type { Identity } from './identity.ts';
import type { MappedObject, SafeMapping } from './mapping.ts';
import type { PeerState, RoomState } from './state.ts';

/** A room, for as long as something of it lives. */
export class Room {
  readonly id: string;
  readonly peers: Map<string, Peer> = new Map();
  /** How many objects hold it. */
  holders = 0;
  producers = 0;
  consumers = 0;
  receivedBytes = 0;
  sentBytes = 0;

  constructor(id: string) {
    this.id = id;
  }

  state(): RoomState {
    const { id, peers, producers, consumers, receivedBytes, sentBytes } = this;
    return { id, peers: peers.size, producers, consumers, receivedBytes, sentBytes };
  }
}

/** A peer in a room, for as long as something of it lives. */
export class Peer {
  /** The host's. */
  readonly id: string;
  /** What is told in its place. */
  readonly shownId: string;
  readonly room: Room;
  holders = 0;
  transports = 0;
  producers = 0;
  consumers = 0;
  displayName = '';
  userAgent = '';
  /** What the host is asked about the peer with. */
  readonly transport: MappedObject;

  constructor(id: string, shownId: string, room: Room, transport: MappedObject) {
    this.id = id;
    this.shownId = shownId;
    this.room = room;
    this.transport = transport;
  }

  state(): PeerState {
    const { shownId: id, displayName, userAgent, transports, producers, consumers } = this;
    return { id, room: this.room.id, displayName, userAgent, transports, producers, consumers };
  }
}

/** Who is in which room, known from the objects that belong to them. Finding and leaving cost the same however many there are. */
export class Directory {
  readonly #rooms = new Map<string, Room>();
  readonly #mapping: SafeMapping;
  readonly #identity: Identity;
  #peers = 0;

  constructor(mapping: SafeMapping, identity: Identity) {
    this.#mapping = mapping;
    this.#identity = identity;
  }

  /** Rooms with a name. Objects without a room share one that has none and is not counted. */
  get rooms(): number {
    return this.#rooms.size - (this.#rooms.has('') ? 1 : 0);
  }

  get peers(): number {
    return this.#peers;
  }

  holdRoom(id: string): Room {
    let room = this.#rooms.get(id);
    if (room === undefined) {
      room = new Room(id);
      this.#rooms.set(id, room);
    }
    room.holders++;
    return room;
  }

  leaveRoom(room: Room): void {
    room.holders--;
    if (room.holders === 0) this.#rooms.delete(room.id);
  }

  /** The peer holds its room while something holds the peer. */
  holdPeer(room: Room, id: string, transport: MappedObject): Peer {
    let peer = room.peers.get(id);
    if (peer === undefined) {
      peer = new Peer(id, this.#identity.peerId(id), room, transport);
      room.peers.set(id, peer);
      room.holders++;
      this.#peers++;
      this.#ask(peer);
    }
    peer.holders++;
    return peer;
  }

  leavePeer(peer: Peer): void {
    peer.holders--;
    if (peer.holders > 0) return;
    peer.room.peers.delete(peer.id);
    this.#peers--;
    this.leaveRoom(peer.room);
  }

  /** Asks the host about each peer again: names change. */
  refresh(): void {
    for (const room of this.#rooms.values()) for (const peer of room.peers.values()) this.#ask(peer);
  }

  roomStates(): RoomState[] {
    return [...this.#rooms.values()].filter(({ id }) => id !== '').map((room) => room.state());
  }

  peerStates(): PeerState[] {
    return [...this.#rooms.values()].flatMap(({ peers }) => Array.from(peers.values(), (peer) => peer.state()));
  }

  #ask(peer: Peer): void {
    const { displayName, userAgent } = this.#mapping.info(peer.id, peer.room.id, peer.transport);
    peer.displayName = this.#identity.displayName(displayName);
    peer.userAgent = this.#identity.userAgent(userAgent);
  }
}
