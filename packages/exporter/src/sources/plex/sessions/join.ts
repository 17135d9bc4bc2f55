import { createHash } from 'node:crypto';
import type { Delivery, MediaType, ObservedSession } from '@media-exporter/model';
import { known } from '../parse/json.ts';
import type { RawSession } from '../parse/sessions.ts';
import { ratio } from '../parse/statistics.ts';
import type { RawTranscode } from '../parse/transcode.ts';
import type { LibraryKind, PlexMedia, PlexSession, PlexTranscode } from '../state.ts';
import { deliveryOf, isPreroll, mediaTypeOf, subtitleActionOf, transcodeKindOf } from './classify.ts';
import { itemOf, type KnownSession, positionTells } from './known-session.ts';

/** What a session is joined with. */
export interface Surroundings {
  readonly libraryKind: (id: string) => LibraryKind | undefined;
  readonly fileResolution: (ratingKey: string) => string | undefined;
  /** Since when the socket tells of all that players report, in ms on the timeline; `undefined` while it does not. */
  readonly listeningSince: number | undefined;
}

/** One session with all that is known of it. */
export function joinSession(session: KnownSession, around: Surroundings): PlexSession {
  const { raw, positionMilliseconds } = session;
  const kind = raw.librarySectionId === undefined ? undefined : around.libraryKind(raw.librarySectionId);
  return known<PlexSession>({
    sessionKey: raw.sessionKey,
    ratingKey: raw.ratingKey,
    type: raw.type,
    mediaType: mediaTypeOf(raw, kind),
    live: raw.live,
    preroll: isPreroll(raw),
    title: raw.title,
    parentTitle: raw.parentTitle,
    grandparentTitle: raw.grandparentTitle,
    librarySectionId: raw.librarySectionId,
    librarySectionTitle: raw.librarySectionTitle,
    userId: raw.userId,
    user: raw.user,
    player: raw.player,
    state: session.state,
    positionMilliseconds,
    durationMilliseconds: raw.durationMilliseconds,
    reservedBitsPerSecond: bits(raw.bandwidth),
    scope: raw.scope,
    secure: raw.secure,
    media: joinMedia(raw),
    fileResolution: around.fileResolution(raw.ratingKey),
    delivery: deliveryOf(raw),
    transcodeKind: transcodeKindOf(raw),
    subtitleAction: subtitleActionOf(raw),
    transcode: raw.transcode && joinTranscode(raw.transcode),
    confirmedAt: confirmation(session, around.listeningSince),
    startedAt: session.startedAt,
  });
}

/** What the time of a play is credited to. Safe for JSON. */
export interface PlayAttributes {
  /** The label values of the native play counters. */
  readonly labels: readonly string[];
  readonly mediaType: MediaType;
  readonly delivery: Delivery;
}

/** A session as the tracker wants it. */
export function observeSession(
  { raw }: KnownSession,
  session: PlexSession,
  labels: readonly string[],
): ObservedSession<PlayAttributes> {
  const { mediaType, positionMilliseconds, confirmedAt, startedAt, preroll, media } = session;
  return known<ObservedSession<PlayAttributes>>({
    key: raw.sessionKey,
    item: itemOf(raw),
    party: partyOf(raw),
    playing: session.state === 'playing',
    bitrateBitsPerSecond: media?.bitrateBitsPerSecond,
    positionSeconds: positionMilliseconds === undefined ? undefined : positionMilliseconds / 1000,
    confirmedAt,
    startedAt,
    countsAsPlay: !preroll,
    // A session that tells nothing about its streams yet, or a photo: what the server does unless it must do more.
    attributes: { labels, mediaType, delivery: session.delivery ?? 'direct_play' },
  });
}

/** Where nothing tells that a player goes on, time simply passes. */
function confirmation(session: KnownSession, listeningSince: number | undefined): number | undefined {
  const { confirmedAt, reportedAt } = session;
  if (positionTells(session)) return confirmedAt;
  return reportedAt !== undefined && listeningSince !== undefined && reportedAt >= listeningSince
    ? confirmedAt
    : undefined;
}

/** Stands for the user and the device without telling them, since it is kept on disk. */
function partyOf({ userId, player }: RawSession): string {
  return createHash('sha256')
    .update(JSON.stringify([userId ?? '', player.id]))
    .digest('base64url')
    .slice(0, 16);
}

function joinMedia({ media }: RawSession): PlexMedia | undefined {
  if (media === undefined) return undefined;
  const { bitrate, resolution, decision } = media;
  return known<PlexMedia>({ bitrateBitsPerSecond: bits(bitrate), resolution, decision });
}

function joinTranscode(raw: RawTranscode): PlexTranscode {
  return known<PlexTranscode>({
    id: raw.id,
    throttled: raw.throttled,
    complete: raw.complete,
    error: raw.error,
    progressRatio: ratio(raw.progress),
    // A job that is held back has a speed of 0, which says nothing about how fast it is.
    speedRatio: raw.throttled === true ? undefined : raw.speed,
    remainingSeconds: raw.remaining,
    hardwareRequested: raw.hardwareRequested,
    hardwareDecoding: raw.hardwareDecoding,
    hardwareEncoding: raw.hardwareEncoding,
    hardwareFullPipeline: raw.hardwareFullPipeline,
  });
}

/** Plex's kilobits are decimal. */
function bits(kilobits: number | undefined): number | undefined {
  return kilobits === undefined ? undefined : kilobits * 1000;
}
