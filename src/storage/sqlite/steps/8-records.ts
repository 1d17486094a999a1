/** What an agent has to do and how its tasks ended, found without reading all tasks; and merges that turned out red. */
export const sql = `
  -- Of what has ended alone: a claim must not pay for them.
  create index tasks_assignee on tasks (assignee) where state in ('succeeded', 'failed', 'dead', 'cancelled');
  create index tasks_claimant on tasks (claimant) where state in ('succeeded', 'failed', 'dead', 'cancelled');
  -- Holds all that a track record counts, so that no record is read for it.
  create index tasks_ended on tasks (claimant, record ->> 'since', state, record ->> 'attempts', record ->> 'iteration')
    where state in ('succeeded', 'failed', 'dead');
  create index units_red on units (subject) where type = 'decision' and metadata ->> 'isRed';
`
