import { holdVerb } from '../life.ts'

export const verb = holdVerb(
  'resume',
  { changed: 'goes on', unchanged: 'has nothing to resume from', hint: sayState },
  ['agency resume CodeAgency', 'agency resume CodeAgency/python-agent'],
)

/** What is stopped or dead is no pause: said where nothing was resumed. */
function sayState(target: string, hasChanged: boolean): string {
  return hasChanged ? '' : `agency explain ${target} tells its state; what is stopped begins again by agency start`
}
