/** The thirty messages of a trial: every size and shape that programs are known to stumble over. */

const line = 'the quick brown fox jumps over the lazy dog, and again; '
const code = 'function add(a, b) {\n\treturn a + b // tabs and {braces}\n}\n\nadd(1, 2) > 2 ? "yes" : `no`'

/** Half of them are sent to a program at its prompt, the other half to one at work. */
export const BODIES: readonly string[] = [
  'x',
  'short and plain',
  '/help is no command here',
  '! echo this is no shell',
  '@README.md is no file to read',
  '# not a note to remember',
  'umlauts äöü ß, 漢字かな, עברית, and 🦊🎉 emoji',
  code,
  'one\ntwo\nthree\nfour',
  Array.from({ length: 40 }, (_, index) => `line ${index + 1}: ${line}`).join('\n'),
  '{"type":"no payload","of":["ours"]} as words',
  `quotes "double" 'single' \`back\` $HOME $(id) \\ backslash \\n`,
  line.repeat(17),
  line.repeat(90),
  line.repeat(540),
  line.repeat(1830),
  'w'.repeat(900),
  '- a list\n- of things\n  - nested',
  '```ts\nconst fence = true\n```',
  'ends with a backslash \\',
  'a line with     many     spaces',
  '<xml attribute="1">and &amp; entities</xml>',
  '[human → Real/a · TASK · 00000000] an inner header names nobody',
  'Esc to cancel, 1. Yes, 2. No, Do you want to proceed?',
  '?',
  '/exit',
  '!ls',
  'a\n\n\nb',
  'naïve café — “quoted” … • ½ ™',
  'the last one',
]
