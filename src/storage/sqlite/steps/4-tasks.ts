/** Tasks, what they depend on, and where they wait. */
export const sql = `
  -- A task is one record; what is searched by is generated from it, so that nothing can disagree.
  create table tasks (
    seq integer primary key references units (seq),
    record text not null,
    id text not null generated always as (record ->> 'id') virtual,
    short text generated always as (substr(record ->> 'id', -8)) virtual,
    label text generated always as (record ->> 'label') virtual,
    state text not null generated always as (record ->> 'state') virtual,
    agency text generated always as (record ->> 'agency') virtual,
    assignee text generated always as (record ->> 'assignee') virtual,
    claimant text generated always as (record ->> 'claimant') virtual,
    parent text generated always as (record ->> 'parent') virtual,
    queue text not null,
    needs text not null, -- sorted, with commas; empty for a task that is assigned to an agent
    rank integer not null,
    due_at integer
  ) strict;
  create unique index tasks_id on tasks (short, id);
  create index tasks_label on tasks (label);
  create index tasks_parent on tasks (parent) where parent is not null;
  create index tasks_agency on tasks (agency);
  -- The next three hold open tasks only, and so stay small however long the history.
  create index tasks_ready on tasks (queue, needs, rank, seq) where state = 'ready';
  create index tasks_due on tasks (due_at) where due_at is not null;
  create index tasks_open on tasks (seq) where state not in ('succeeded', 'failed', 'dead', 'cancelled');
  create table task_dependencies (
    task_seq integer not null references tasks (seq),
    on_seq integer not null references tasks (seq),
    kind text not null,
    primary key (task_seq, on_seq)
  ) strict, without rowid;
  create index task_dependents on task_dependencies (on_seq);
`
