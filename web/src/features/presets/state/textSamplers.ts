/** The sliders of a text completion preset, by the names of its file. */

export interface TextSampler {
  name: string
  min: number
  max: number
  step: number
  rest: number
}

const slider = (name: string, min: number, max: number, step: number, rest: number): TextSampler => ({ name, min, max, step, rest })

export const TEXT_GROUPS: { key: string; sliders: TextSampler[]; folded?: boolean }[] = [
  { key: 'lengths', sliders: [slider('max_length', 512, 262_144, 512, 16_384), slider('genamt', 16, 8_192, 16, 600)] },
  {
    key: 'chance',
    sliders: [
      slider('temp', 0, 5, 0.01, 1),
      slider('top_p', 0, 1, 0.01, 1),
      slider('min_p', 0, 1, 0.005, 0),
      slider('top_k', 0, 200, 1, 0),
      slider('nsigma', 0, 5, 0.01, 0),
    ],
  },
  {
    key: 'repetition',
    sliders: [
      slider('rep_pen', 1, 3, 0.01, 1),
      slider('rep_pen_range', 0, 8_192, 1, 0),
      slider('freq_pen', -2, 2, 0.01, 0),
      slider('presence_pen', -2, 2, 0.01, 0),
    ],
  },
  {
    key: 'dry',
    folded: true,
    sliders: [
      slider('dry_multiplier', 0, 5, 0.01, 0),
      slider('dry_base', 1, 4, 0.01, 1.75),
      slider('dry_allowed_length', 1, 20, 1, 2),
      slider('dry_penalty_last_n', 0, 8_192, 1, 0),
    ],
  },
  { key: 'xtc', folded: true, sliders: [slider('xtc_threshold', 0, 0.5, 0.01, 0.1), slider('xtc_probability', 0, 1, 0.01, 0)] },
  {
    key: 'dynamic',
    folded: true,
    sliders: [
      slider('min_temp', 0, 5, 0.01, 0),
      slider('max_temp', 0, 5, 0.01, 1),
      slider('dynatemp_exponent', 0.01, 10, 0.01, 1),
      slider('smoothing_factor', 0, 10, 0.01, 0),
      slider('smoothing_curve', 1, 10, 0.01, 1),
    ],
  },
  {
    key: 'mirostat',
    folded: true,
    sliders: [slider('mirostat_mode', 0, 2, 1, 0), slider('mirostat_tau', 0, 20, 0.01, 5), slider('mirostat_eta', 0, 1, 0.01, 0.1)],
  },
  {
    key: 'rare',
    folded: true,
    sliders: [
      slider('top_a', 0, 1, 0.01, 0),
      slider('typical_p', 0, 1, 0.01, 1),
      slider('tfs', 0, 1, 0.01, 1),
      slider('epsilon_cutoff', 0, 9, 0.01, 0),
      slider('eta_cutoff', 0, 20, 0.01, 0),
      slider('rep_pen_slope', 0, 10, 0.01, 1),
      slider('rep_pen_decay', 0, 4_096, 1, 0),
      slider('no_repeat_ngram_size', 0, 20, 1, 0),
      slider('guidance_scale', 0.1, 4, 0.05, 1),
      slider('encoder_rep_pen', 0.8, 1.5, 0.01, 1),
      slider('skew', -5, 5, 0.01, 0),
      slider('min_keep', 0, 100, 1, 0),
      slider('adaptive_target', -0.01, 1, 0.01, -0.01),
      slider('adaptive_decay', 0, 0.99, 0.01, 0.9),
    ],
  },
]

export const TEXT_SWITCHES = ['dynatemp', 'temperature_last', 'add_bos_token', 'ban_eos_token', 'skip_special_tokens'] as const
