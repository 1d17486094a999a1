/** The page of what was run: what failed comes first, and then what the commands printed. */
import { sayCheck } from '../../../../model/check.ts'
import { guard, guardLines } from '../../../text/guard.ts'
import { span } from '../../../text/spans.ts'
import type { Run, Submission } from '../documents.ts'
import type { Opened } from '../state.ts'
import { testsText } from '../table.ts'
import { fact, heading, prose, type Row, raw } from './rows.ts'

export function testsPage(submission: Submission, outputs: Opened['outputs'], columns: number): readonly Row[] {
  const groups: readonly (readonly [name: string, runs: readonly Run[]])[] = [
    ['where it was tried', submission.tests],
    ['on the merged tree', submission.mergedChecks],
    ['where it was made', submission.checks],
  ]
  const runs = groups.flatMap(([where, all]) => all.map(run => ({ where, run })))
  const sorted = [...runs.filter(({ run }) => !passed(run)), ...runs.filter(({ run }) => passed(run))]
  const counted = testsText(submission)
  if (runs.length === 0)
    return [
      ...fact('tests', counted.text, columns, counted.role),
      [],
      submission.change
        ? raw('nothing was run: "checks" of agency.json names no command', 'warn')
        : raw('it is a report: nothing is run for it', 'muted'),
    ]
  return [
    ...fact('tests', counted.text, columns, counted.role),
    [],
    ...sorted.flatMap(({ where, run }) => runRows(where, run, columns)),
    ...sorted.flatMap(({ run }) => failureRows(run, columns)),
    ...sorted.flatMap(({ run }) => outputRows(run, outputs)),
  ]
}

function passed({ status, failures }: Run): boolean {
  return status === 0 && (failures ?? []).length === 0
}

function runRows(where: string, run: Run, columns: number): Row[] {
  const how =
    run.status === 0 ? 'passed' : run.status === undefined ? (run.ended ?? 'ended') : `failed with ${run.status}`
  const head: Row = [
    span(` ${passed(run) ? '✓' : '✗'} ${how}`.padEnd(18), passed(run) ? 'good' : 'bad'),
    span(`${run.seconds} s`.padStart(8), 'muted'),
    span(`  ${where}`.padEnd(22), 'muted'),
  ]
  if (columns > 80) return [[...head, span(guard(sayCheck(run)))]]
  return [head, raw(sayCheck(run), 'plain', 3)]
}

/** By name; of a run that tells none, the last lines that it printed, and where all of them are. */
function failureRows(run: Run, columns: number): Row[] {
  const { failures = [], tail = [], status, log } = run
  if (status !== 0 && failures.length === 0 && tail.length > 0)
    return [
      ...heading(`Why ${sayCheck(run)} failed`, `all of it: ${log}`),
      ...tail.flatMap(line => prose(line, columns)),
    ]
  if (failures.length === 0) return []
  return [
    ...heading('Failures', String(failures.length)),
    ...failures.flatMap(({ name, message }) => [raw(`✗ ${name}`, 'bad'), ...prose(message, columns, 'plain', 4)]),
  ]
}

function outputRows(run: Run, outputs: Opened['outputs']): Row[] {
  const { log, name, command } = run
  const title = heading(`Output of ${sayCheck(run)}`, log)
  if (outputs === undefined) return [...title, raw('is read …', 'muted')]
  if ('failed' in outputs) return [...title, raw(outputs.failed, 'warn')]
  const text = outputs.value[log] ?? ''
  return [
    ...title,
    // What a sandbox keeps of a run begins with its command.
    ...(name === undefined || text.startsWith('$ ') ? [] : [raw(`$ ${command}`, 'muted')]),
    ...(text.trim() === ''
      ? [raw('nothing was printed', 'muted')]
      : guardLines(text.trimEnd()).map(line => [span(` ${line}`)])),
  ]
}
