/** What the server says of itself; may be changed at any time. */
export interface ServerSettings {
  name: string;
  /** The full version, such as `12.0.0`. */
  version: string;
  productName: string;
  pendingRestart: boolean;
  wizardCompleted: boolean;
  /** Legacy forms of the token are taken; by default as the line does. */
  legacyAuth: boolean | undefined;
  /** What sessions copy, whatever ffmpeg uses: `none`, `vaapi`, `qsv` … */
  hardwareAcceleration: string;
  hardwareEncoding: boolean;
  /** The server's own /metrics is on. */
  metrics: boolean;
  /** How many series /metrics has of http requests beyond the least, to make it of any size. */
  extraSeries: number;
  residentBytes: number;
  freeBytes: number;
  usedBytes: number;
  /** Names of tasks are in another language. */
  localized: boolean;
  plugins: readonly Plugin[];
}

export interface Plugin {
  readonly name: string;
  readonly version: string;
  /** `Active`, `Restart`, `Disabled`, `NotSupported`, `Malfunctioned` … */
  readonly status: string;
}

/** Unless told otherwise. */
export const SETTINGS: Omit<ServerSettings, 'version'> = {
  name: 'Simulated Jellyfin',
  productName: 'Jellyfin Server',
  pendingRestart: false,
  wizardCompleted: true,
  legacyAuth: undefined,
  hardwareAcceleration: 'none',
  hardwareEncoding: true,
  metrics: true,
  extraSeries: 240,
  residentBytes: 418_979_840,
  freeBytes: 78_040_109_056,
  usedBytes: 192_513_064_960,
  localized: false,
  plugins: [
    { name: 'AudioDB', version: '1.0.0.0', status: 'Active' },
    { name: 'Playback Reporting', version: '17.0.0.0', status: 'Disabled' },
  ],
};
