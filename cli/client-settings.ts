/** How the SDK's clients are to be made: empty for the person's own AWS settings, filled for the emulator. */
export interface ClientSettings {
  readonly region?: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** The emulator takes any key; these are its customary ones and open nothing else. */
export function emulatorSettings(run: { readonly endpoint: string; readonly region: string }): ClientSettings {
  return {
    region: run.region,
    endpoint: run.endpoint,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
}
