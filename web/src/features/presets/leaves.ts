/** The leaves under "Presets": names of routes, and keys of their words. */
export const leaves: { to: string; label: string }[] = [
  { to: 'presets', label: 'presets.title' },
  { to: 'templates', label: 'templates.title' },
  { to: 'scripts', label: 'scripts.title' },
  { to: 'quick', label: 'quick.title' },
  { to: 'note', label: 'presets.note' },
]
