/** Submissions, and what was decided about them. */
export const sql = `
  -- A submission is one record; what is searched by is generated from it, so that nothing can disagree.
  create table submissions (
    seq integer primary key references units (seq),
    record text not null,
    id text not null generated always as (record ->> 'id') virtual,
    short text generated always as (substr(record ->> 'id', -8)) virtual,
    state text not null generated always as (record ->> 'state') virtual,
    agency text generated always as (record ->> 'agency') virtual,
    author text generated always as (record ->> 'author') virtual,
    task text generated always as (record ->> 'task') virtual,
    cause text generated always as (record ->> 'cause') virtual,
    branch text generated always as (record ->> '$.change.branch') virtual,
    merge_commit text generated always as (record ->> '$.merge.commit') virtual,
    is_settled integer not null generated always as (record ->> 'isSettled') virtual
  ) strict;
  create unique index submissions_id on submissions (short, id);
  create index submissions_agency on submissions (agency);
  create index submissions_branch on submissions (branch) where branch is not null;
  create index submissions_task on submissions (task) where task is not null;
  create index submissions_merge on submissions (merge_commit) where merge_commit is not null;
  create unique index submissions_cause on submissions (cause) where cause is not null;
  -- Holds open ones only, and so stays small however long the history.
  create index submissions_open on submissions (seq) where is_settled = 0;
`
