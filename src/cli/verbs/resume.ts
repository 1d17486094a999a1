import { holdVerb } from '../life.ts'

export const verb = holdVerb(
  'resume',
  { changed: 'goes on', unchanged: 'has nothing to resume from', hint: () => '' },
  ['agency resume CodeAgency', 'agency resume CodeAgency/python-agent'],
)
