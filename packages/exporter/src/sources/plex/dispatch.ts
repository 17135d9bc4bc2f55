import type { ActivityCollector } from './collectors/activities.ts';
import type { LibraryCollector } from './collectors/libraries.ts';
import type { ServerCollector } from './collectors/server.ts';
import type { Notification } from './parse/notification.ts';
import type { Viewing } from './sessions/viewing.ts';

/** Who is told what the socket tells. */
export interface Hearers {
  /** `undefined` before the server is known. */
  readonly viewing: Viewing | undefined;
  readonly activities: Pick<ActivityCollector, 'report'>;
  readonly libraries: Pick<LibraryCollector, 'expectChange'>;
  readonly server: Pick<ServerCollector, 'expectUpdate' | 'reportReachable'>;
  /** Asks for the sessions early. */
  readonly look: () => void;
  /** Counts the items of libraries early. */
  readonly count: () => void;
}

/** Hands one notification to whom it concerns. */
export function dispatch(notification: Notification, hearers: Hearers): void {
  const { viewing } = hearers;
  const change = (sections: readonly string[]): void => {
    hearers.libraries.expectChange(sections);
    hearers.count();
  };
  switch (notification.type) {
    case 'playing':
      for (const report of notification.players) if (viewing?.report(report) !== false) hearers.look();
      break;
    case 'transcode':
      for (const transcode of notification.transcodes) {
        if (viewing?.transcode(notification.event, transcode) === true) hearers.look();
      }
      break;
    case 'activity':
      for (const report of notification.activities) {
        hearers.activities.report(report);
        if (report.scanned !== undefined) change(report.scanned === '' ? [] : [report.scanned]);
      }
      break;
    case 'library':
      change(notification.sections);
      break;
    case 'reachability':
      hearers.server.reportReachable(notification.reachable);
      break;
    case 'update':
      hearers.server.expectUpdate();
      break;
    case 'other':
      break;
  }
}
