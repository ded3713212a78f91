/** The fields of each kind of template, in the order they are shown. */
import type { TemplateKind } from '@/api/templates'

export interface Field {
  name: string
  is: 'text' | 'long' | 'flag' | 'number' | 'choice'
  choices?: readonly string[]
}

const texts = (...names: string[]): Field[] => names.map((name) => ({ name, is: 'text' }))
const flags = (...names: string[]): Field[] => names.map((name) => ({ name, is: 'flag' }))

export const GROUPS: Record<TemplateKind, { title: string; fields: Field[] }[]> = {
  instruct: [
    { title: 'turns', fields: texts('input_sequence', 'input_suffix', 'output_sequence', 'output_suffix', 'system_sequence', 'system_suffix') },
    {
      title: 'special',
      fields: texts(
        'first_input_sequence', 'last_input_sequence', 'first_output_sequence', 'last_output_sequence', 'last_system_sequence',
        'story_string_prefix', 'story_string_suffix', 'stop_sequence', 'user_alignment', 'activation',
      ),
    },
    {
      title: 'rules',
      fields: [
        { name: 'names', is: 'choice', choices: ['none', 'force', 'always'] },
        ...flags('wrap', 'macro', 'system_same_as_user', 'skip_examples', 'sequences_as_stops'),
      ],
    },
  ],
  context: [
    { title: 'story', fields: [{ name: 'story_string', is: 'long' }, ...texts('chat_start', 'example_separator')] },
    {
      title: 'rules',
      fields: [
        { name: 'place', is: 'choice', choices: ['in_prompt', 'in_chat', 'before_prompt'] },
        { name: 'depth', is: 'number' },
        { name: 'role', is: 'choice', choices: ['system', 'user', 'assistant'] },
        ...flags('force_name', 'use_stops', 'names_as_stops', 'trim_sentences', 'single_line'),
      ],
    },
  ],
  system: [{ title: 'words', fields: [{ name: 'text', is: 'long' }, { name: 'post_history', is: 'long' }] }],
  reasoning: [{ title: 'words', fields: texts('prefix', 'suffix', 'separator') }],
}
