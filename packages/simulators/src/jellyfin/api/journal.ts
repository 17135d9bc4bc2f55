import type { Answer } from '../../faults/index.ts';
import { activityJson } from '../activity.ts';
import type { ServerState } from '../state.ts';
import { dateText, ZERO_ID } from '../text.ts';
import { parameter } from '../transport/gate.ts';
import { type ApiRequest, BadParameter, booleanOf, empty, json, numberOf, text } from './answer.ts';

/** The activity log, the newest first. */
export function activity({ activity: log }: ServerState, request: ApiRequest): Answer {
  const { query } = request;
  const since = parameter(query, 'mindate');
  const from = since === undefined ? Number.NEGATIVE_INFINITY : Date.parse(since);
  if (Number.isNaN(from)) throw new BadParameter('minDate');
  const withUser = booleanOf(query, 'hasuserid');
  const start = numberOf(query, 'startindex') ?? 0;
  const limit = numberOf(query, 'limit') ?? 100;
  const matching = log.entries.filter(
    ({ date, userId }) => date >= from && (withUser === undefined || withUser === (userId !== ZERO_ID)),
  );
  const page = matching.toReversed().slice(start, start + limit);
  return json(request, { Items: page.map(activityJson), TotalRecordCount: matching.length, StartIndex: start });
}

/** The log files, the newest write first; DateCreated is the last write too. */
export function logs({ files }: ServerState, request: ApiRequest): Answer {
  return json(
    request,
    files.list.map(({ name, bytes, modified }) => ({
      DateCreated: dateText(modified),
      DateModified: dateText(modified),
      Size: bytes,
      Name: name,
    })),
  );
}

/** A whole log file: no Range. */
export function logFile({ files }: ServerState, { query }: ApiRequest): Answer {
  const body = files.read(parameter(query, 'name') ?? '');
  return body === undefined ? empty(404) : text(body, 'text/plain; charset=utf-8');
}
