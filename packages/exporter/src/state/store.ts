/**
 * What must survive a restart: counters, watermarks, keys that were seen. Values are JSON. All that is put in one turn of
 * the event loop is written in one transaction, within a second; a kill loses at most what was put after.
 */
export interface StateStore {
  /** The part of the store that belongs to one owner, such as `plex/living-room`. */
  scope(name: string): StateScope;
  /** Writes what waits. Never rejects: a store that cannot write says so in its metrics and its log. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface StateScope {
  /** All that is kept, by key. What cannot be read is left out and told of; never rejects. */
  load(): Promise<ReadonlyMap<string, unknown>>;
  /** Keeps `value`, or with `undefined` forgets it. Takes effect at once for {@link StateScope.load}. */
  put(key: string, value: unknown): void;
}
