/** The leaves under "Presets": names of routes, and keys of their words. */
export const leaves: { to: string; label: string }[] = [{ to: 'presets', label: 'presets.title' }]
