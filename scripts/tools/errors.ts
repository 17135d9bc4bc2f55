/** Why a tool could not be installed. The code stays the same for ever; the sentence says what to do. */
export const TOOL_ERRORS = {
  TOOLS_NO_APT: 'apt-get and dpkg are not on this machine; put the program on PATH instead',
  TOOLS_NO_MIRROR: "the machine's own apt sources name no Debian mirror to take it from",
  TOOLS_UPDATE: "the mirror's package lists could not be fetched; look at the network and the machine's apt sources",
  TOOLS_DOWNLOAD: 'the package or what it depends on could not be fetched',
  TOOLS_UNPACK: 'a fetched package could not be unpacked',
  TOOLS_LAYOUT: 'the package no longer holds the program where the table in scripts/tools/table.ts says',
  TOOLS_NAMED: 'an environment variable names a program that is not there; correct it or take it away',
  TOOLS_NPM: 'npm could not fetch the package',
  TOOLS_PLATFORM: 'there is no package of it for this platform; put the program on PATH instead',
} as const;

export type ToolErrorCode = keyof typeof TOOL_ERRORS;

export class ToolError extends Error {
  readonly code: ToolErrorCode;

  constructor(code: ToolErrorCode, detail?: string) {
    super(`${code}: ${TOOL_ERRORS[code]}${detail ? ` (${detail})` : ''}`);
    this.name = 'ToolError';
    this.code = code;
  }
}

/** No fault of anybody: this machine cannot have the tool, and its tests are skipped here. */
export function isUnavailable(error: unknown): boolean {
  return (
    error instanceof ToolError &&
    (error.code === 'TOOLS_NO_APT' || error.code === 'TOOLS_NO_MIRROR' || error.code === 'TOOLS_PLATFORM')
  );
}
