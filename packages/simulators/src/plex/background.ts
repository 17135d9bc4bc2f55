import type { CountedType, Library } from './library.ts';
import type { Activity, PlexState, TranscodeJob } from './state.ts';

/** How the background work is done: by the server's timers and its socket. */
export interface BackgroundHost {
  readonly state: PlexState;
  after(delay: number, task: () => void): void;
  notify(type: string, name: string, entry: Record<string, unknown>): void;
}

/** What the server does on its own: scans, downloads, conversions, settings, remote access, updates. */
export class Background {
  readonly #host: BackgroundHost;

  constructor(host: BackgroundHost) {
    this.#host = host;
  }

  /**
   * Scans a library for so many milliseconds. At the end it has found what `finds` says; negative numbers are items that
   * are gone.
   *
   * @throws RangeError when there is no such library.
   */
  scan(libraryId: string, forMs: number, finds: { readonly [type in CountedType]?: number } = {}): void {
    const { state } = this.#host;
    const library = state.library(libraryId);
    if (library === undefined) throw new RangeError('no such library');
    state.scanning.add(libraryId);
    const activity = this.#begin('library.update.section', `Scanning ${library.title}`, {
      librarySectionID: libraryId,
    });
    this.#host.after(forMs / 2, () => this.#tell('updated', activity, 50));
    this.#host.after(forMs, () => {
      state.scanning.delete(libraryId);
      for (const [type, count] of Object.entries(finds)) this.#find(library, type as CountedType, count);
      this.#end(activity);
      this.#host.notify('status', 'StatusNotification', {
        title: 'Library scan complete',
        description: `The library scan of ${library.title} has completed`,
        notificationName: 'LIBRARY_UPDATE',
      });
    });
  }

  /** A user's device downloads something. */
  download(title: string, forMs: number, userID = 1): void {
    const activity = this.#begin('media.download', `Downloading ${title}`, {}, userID);
    this.#host.after(forMs / 2, () => this.#tell('updated', activity, 50));
    this.#host.after(forMs, () => this.#end(activity));
  }

  /** A conversion for later; it stands in /status/sessions/background. */
  convert(title: string, forMs: number): void {
    const { jobs } = this.#host.state;
    const job: TranscodeJob = {
      type: 'transcode',
      title,
      progress: 12.5,
      remaining: Math.round(forMs / 1000),
      size: 1_000_000,
      speed: 3.5,
    };
    jobs.push(job);
    this.#host.after(forMs, () => jobs.splice(jobs.indexOf(job), 1));
  }

  /** Remote access is lost, or there again. */
  setReachable(reachable: boolean): void {
    this.#host.state.settings.reachable = reachable;
    this.#host.notify('reachability', 'ReachabilityNotification', { reachability: reachable });
  }

  /** A new version can be installed. */
  offerUpdate(version: string): void {
    this.#host.state.settings.update = version;
    this.#host.notify('update.statechange', 'AutoUpdateNotification', {
      key: 'https://plex.tv/updater/releases/1',
      version,
      state: 'available',
    });
  }

  /** Somebody changes a setting. Texts, numbers and booleans all come as what they are. */
  setPreference(id: string, value: string | number | boolean): void {
    const types = { string: 'text', number: 'int', boolean: 'bool' } as const;
    this.#host.notify('preference', 'Setting', {
      id,
      label: '',
      summary: '',
      type: types[typeof value as keyof typeof types],
      default: typeof value === 'string' ? '' : typeof value === 'number' ? 0 : false,
      value,
      hidden: true,
      advanced: false,
      group: '',
    });
  }

  #find(library: Library, type: CountedType, count: number): void {
    library.counts[type] = Math.max(0, (library.counts[type] ?? 0) + count);
    const states =
      count < 0
        ? ([[9, 'deleted']] as const)
        : ([
            [0, 'created'],
            [4, 'processing'],
            [5, 'created'],
          ] as const);
    for (const [state, metadataState] of states) {
      this.#host.notify('timeline', 'TimelineEntry', {
        identifier: 'com.plexapp.plugins.library',
        sectionID: library.id,
        itemID: '77001',
        type: 1,
        title: `New in ${library.title}`,
        state,
        metadataState,
        updatedAt: this.#host.state.epoch,
      });
    }
  }

  #begin(type: string, title: string, context: Record<string, unknown>, userID = 1): Activity {
    const activity: Activity = {
      uuid: this.#host.state.newId(),
      type,
      title,
      subtitle: '',
      cancellable: false,
      userID,
      progress: 0,
      Context: context,
    };
    this.#host.state.activities.add(activity);
    this.#tell('started', activity, 0);
    return activity;
  }

  #end(activity: Activity): void {
    this.#host.state.activities.delete(activity);
    this.#tell('ended', activity, 100);
  }

  #tell(event: 'started' | 'updated' | 'ended', activity: Activity, progress: number): void {
    activity.progress = progress;
    this.#host.notify('activity', 'ActivityNotification', { event, uuid: activity.uuid, Activity: { ...activity } });
  }
}
