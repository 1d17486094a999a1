import { holdVerb } from '../life.ts'

export const verb = holdVerb(
  'pause',
  {
    changed: 'is paused: its program goes on, and nothing new is handed over',
    unchanged: 'was paused already',
    hint: target => `messages wait until agency resume ${target}`,
  },
  ['agency pause CodeAgency', 'agency pause CodeAgency/python-agent --why "the build is red"'],
)
