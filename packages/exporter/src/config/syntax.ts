import { type Alias, type Document, type ErrorCode, visit, type YAMLError } from 'yaml';

/** A fault of the YAML itself: what is wrong in our words, and where. */
export interface SyntaxFault {
  readonly detail: string;
  /** From the beginning of the text. */
  readonly offset: number;
}

// The library's own messages quote the text, and what they quote may be a secret.
const DETAILS: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: 'an alias (a word that begins with *) has an anchor or a tag before it',
  BAD_ALIAS: 'an anchor (&) or an alias (*) has no name; quote a value that begins with & or *',
  BAD_COLLECTION_TYPE: 'a tag (a word that begins with !) does not fit what follows it',
  BAD_DIRECTIVE: 'a line that begins with % is not understood',
  BAD_DQ_ESCAPE: 'a backslash in double quotes does not begin a known escape; use single quotes to take it as it is',
  BAD_INDENT: 'the indentation does not fit the lines before',
  BAD_PROP_ORDER: 'an anchor (&) or a tag (!) stands in the wrong place',
  BAD_SCALAR_START: 'a value begins with a character that has a meaning in YAML; quote the value',
  BLOCK_AS_IMPLICIT_KEY:
    'a list or a mapping begins where only a value can be; is a line break missing, or are quotes?',
  BLOCK_IN_FLOW: 'an indented list or mapping stands inside [] or {}',
  DUPLICATE_KEY: 'a key is given twice',
  IMPOSSIBLE: 'the text cannot be read',
  KEY_OVER_1024_CHARS: 'a key is longer than 1024 characters',
  MISSING_CHAR: 'something is missing here: a space, a comma, a colon, a dash or a closing bracket',
  MULTILINE_IMPLICIT_KEY: 'a key goes over several lines; is a colon or a closing quote missing?',
  MULTIPLE_ANCHORS: 'a value has two anchors (words that begin with &)',
  MULTIPLE_DOCS: 'there is a second document after ---; only one is read',
  MULTIPLE_TAGS: 'a value has two tags (words that begin with !)',
  NON_STRING_KEY: 'a key is not a text',
  RESOURCE_EXHAUSTION: 'the nesting is too deep',
  TAB_AS_INDENT: 'a tab is used for indentation; use spaces',
  TAG_RESOLVE_FAILED: 'a tag (a word that begins with !) is not known; quote a value that begins with !',
  UNEXPECTED_TOKEN: 'something stands here that does not belong; quote a value that has special characters',
};

const UNKNOWN = 'the text cannot be read';

/** An error of the parser. */
export function explainSyntax(error: YAMLError): SyntaxFault {
  const unclosed = error.code === 'MISSING_CHAR' && error.message.startsWith('Missing closing');
  return { detail: unclosed ? 'a quote is not closed' : (DETAILS[error.code] ?? UNKNOWN), offset: error.pos[0] };
}

/** Why a document whose syntax is right has no value: its aliases. */
export function explainAliases(document: Document): SyntaxFault {
  let lost: Alias | undefined;
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) !== undefined) return undefined;
      lost = alias;
      return visit.BREAK;
    },
  });
  if (lost === undefined) return { detail: 'its aliases (words that begin with *) multiply without end', offset: 0 };
  const detail = 'an alias (a word that begins with *) has no anchor before it; quote a value that begins with *';
  return { detail, offset: lost.range?.[0] ?? 0 };
}
