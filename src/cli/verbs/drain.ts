import { holdVerb } from '../life.ts'

export const verb = holdVerb(
  'drain',
  {
    changed: 'drains: it finishes what it is doing and is then stopped',
    unchanged: 'drains already',
    hint: target => `agency explain ${target} tells what it still waits for; agency resume ${target} calls it off`,
  },
  ['agency drain CodeAgency', 'agency drain CodeAgency/python-agent --why "a new version comes"'],
)
