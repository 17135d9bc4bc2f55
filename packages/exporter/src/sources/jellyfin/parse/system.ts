import type { Parsed } from '../../http/http.ts';
import type { EncodingConfiguration, JellyfinPlugin, SystemInfo } from '../state.ts';
import { fields, flag, known, parseList, text } from './json.ts';

/** `/System/Info`. Another casing than the one that was asked for is that of the server that runs before the real one. */
export function parseSystemInfo(json: unknown): Parsed<SystemInfo> {
  const raw = fields(json);
  const version = text(raw?.Version);
  if (raw === undefined || version === undefined) return { ok: false, problem: 'the answer has no Version' };
  const value = known<SystemInfo>({
    version,
    name: text(raw.ServerName) ?? '',
    id: text(raw.Id) ?? '',
    product: text(raw.ProductName) ?? '',
    pendingRestart: flag(raw.HasPendingRestart),
    wizardCompleted: flag(raw.StartupWizardCompleted),
  });
  return { ok: true, value };
}

/** `/Plugins`. */
export function parsePlugins(json: unknown): Parsed<JellyfinPlugin[]> {
  return parseList(json, (entry) => {
    const raw = fields(entry);
    const name = text(raw?.Name);
    if (raw === undefined || name === undefined) return undefined;
    return { name, version: text(raw.Version) ?? '', status: text(raw.Status) ?? '' };
  });
}

/** `/System/Configuration/encoding`. Before 10.10 the accelerator is free text, and empty for none. */
export function parseEncoding(json: unknown): Parsed<EncodingConfiguration> {
  const raw = fields(json);
  if (raw === undefined) return { ok: false, problem: 'the answer is not an object' };
  const hardware =
    typeof raw.HardwareAccelerationType === 'string' ? raw.HardwareAccelerationType.toLowerCase() : 'none';
  const value = known<EncodingConfiguration>({
    hardware: hardware === '' ? 'none' : hardware,
    hardwareEncoding: flag(raw.EnableHardwareEncoding),
  });
  return { ok: true, value };
}
