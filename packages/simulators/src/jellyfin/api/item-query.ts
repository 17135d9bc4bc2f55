import type { Dialect } from '../dialect.ts';
import { IMDB, OVERVIEW, SUBTITLES, TMDB, type Traits, TVDB } from '../library/traits.ts';
import { parameter } from '../transport/gate.ts';
import { type ApiRequest, booleanOf, idParameter, listOf, numberOf } from './answer.ts';

/** All that includeItemTypes knows, in lower case. Other names are dropped, and with none left everything is meant. */
const KINDS: ReadonlySet<string> = new Set(
  (
    'aggregatefolder,audio,audiobook,basepluginfolder,book,boxset,channel,channelfolderitem,collectionfolder,episode,' +
    'folder,genre,livetvchannel,livetvprogram,manualplaylistsfolder,movie,musicalbum,musicartist,musicgenre,musicvideo,' +
    'person,photo,photoalbum,playlist,playlistsfolder,program,recording,season,series,studio,trailer,tvchannel,' +
    'tvprogram,userrootfolder,userview,video,year'
  ).split(','),
);

const FLAGS: Readonly<Record<string, number>> = {
  hasoverview: OVERVIEW,
  hastmdbid: TMDB,
  hasimdbid: IMDB,
  hastvdbid: TVDB,
  hassubtitles: SUBTITLES,
};

/** Filters that keep the server from collapsing box sets by itself. */
const TELLING = [
  'ishd',
  'is4k',
  'hasoverview',
  'hastmdbid',
  'hasimdbid',
  'hastvdbid',
  'hassubtitles',
  'mincommunityrating',
];

export type Filter = (traits: Traits, number: number) => boolean;

/** A query for items, as the line of the server understands it. */
export interface ItemQuery {
  /** In lower case; empty for all. */
  readonly types: ReadonlySet<string>;
  readonly parentId: string | undefined;
  readonly userId: string | undefined;
  /** Films of a box set are shown as the box set. */
  readonly collapse: boolean;
  readonly missing: boolean;
  readonly filters: readonly Filter[];
  /** The first of sortBy, in lower case. */
  readonly sortBy: string;
  readonly descending: boolean;
  readonly start: number;
  readonly limit: number;
  readonly total: boolean;
  readonly fields: ReadonlySet<string>;
  readonly images: boolean;
  readonly userData: boolean;
}

/** @throws BadParameter for a number, a truth value or an id that is none. */
export function itemQuery({ query }: ApiRequest, dialect: Dialect): ItemQuery {
  const types = new Set(listOf(query, 'includeitemtypes').filter((type) => KINDS.has(type)));
  const userId = idParameter(query, 'userid');
  const collapse = collapses(query, types, userId);
  // 10.11 collapses in memory, with filters that know nothing of sizes, whether there is a box set or not.
  const blind = collapse && !dialect.since12;
  return {
    types,
    parentId: idParameter(query, 'parentid'),
    userId,
    collapse,
    missing: booleanOf(query, 'ismissing') ?? false,
    filters: [...flagFilters(query), ...sharpness(query, dialect), ...(blind ? [] : sizeFilters(query))],
    sortBy: listOf(query, 'sortby')[0] ?? 'sortname',
    descending: (parameter(query, 'sortorder') ?? '').toLowerCase().startsWith('desc'),
    start: numberOf(query, 'startindex') ?? 0,
    limit: numberOf(query, 'limit') ?? Number.POSITIVE_INFINITY,
    total: booleanOf(query, 'enabletotalrecordcount') ?? true,
    fields: new Set(listOf(query, 'fields')),
    images: booleanOf(query, 'enableimages') ?? true,
    userData: booleanOf(query, 'enableuserdata') ?? true,
  };
}

function collapses(query: URLSearchParams, types: ReadonlySet<string>, userId: string | undefined): boolean {
  const told = booleanOf(query, 'collapseboxsetitems');
  if (told !== undefined) return told;
  const telling = TELLING.some((name) => parameter(query, name) !== undefined);
  return userId === undefined && !telling && (types.size === 0 || types.has('movie'));
}

function* flagFilters(query: URLSearchParams): Generator<Filter> {
  for (const [name, flag] of Object.entries(FLAGS)) {
    const wanted = booleanOf(query, name);
    if (wanted !== undefined) yield ({ flags }, number) => (((flags[number] ?? 0) & flag) !== 0) === wanted;
  }
}

/** 12.0 takes what has no width for neither sharp nor blurred, 10.11 for blurred. */
function* sharpness(query: URLSearchParams, { since12 }: Dialect): Generator<Filter> {
  const hd = booleanOf(query, 'ishd');
  if (hd !== undefined) {
    yield ({ widths }, number) => {
      const width = widths[number] ?? 0;
      return hd ? width >= 1200 : width < 1200 && !(since12 && width === 0);
    };
  }
  const uhd = booleanOf(query, 'is4k');
  if (uhd !== undefined) {
    yield ({ widths, heights }, number) =>
      (widths[number] ?? 0) >= 3800 === uhd || (uhd && (heights[number] ?? 0) >= 2100);
  }
}

function* sizeFilters(query: URLSearchParams): Generator<Filter> {
  const minWidth = numberOf(query, 'minwidth');
  if (minWidth !== undefined) yield ({ widths }, number) => (widths[number] ?? 0) >= minWidth;
  const maxWidth = numberOf(query, 'maxwidth');
  if (maxWidth !== undefined) yield ({ widths }, number) => (widths[number] ?? 0) <= maxWidth;
  const minHeight = numberOf(query, 'minheight');
  if (minHeight !== undefined) yield ({ heights }, number) => (heights[number] ?? 0) >= minHeight;
  const maxHeight = numberOf(query, 'maxheight');
  if (maxHeight !== undefined) yield ({ heights }, number) => (heights[number] ?? 0) <= maxHeight;
}
