/** Leases, those that wait for them, and what they are on. What has ended is in the work units alone. */
export const sql = `
  create table locks (
    seq integer primary key references units (seq), -- of its asking: the order in which those that wait are served
    id text not null,
    short text generated always as (substr(id, -8)) virtual,
    owner text not null,
    mode text not null,
    why text,
    ttl_ms integer not null,
    since integer not null,
    until integer not null, -- end of the lease, or of the wait
    fence integer -- null while it waits
  ) strict;
  create unique index locks_id on locks (short, id);
  create index locks_until on locks (until);
  create index locks_owner on locks (owner);
  create index locks_waiting on locks (seq) where fence is null;

  -- By where they lie: whatever overlaps a path is found at the folders above it, or in one range below it.
  create table lock_resources (
    space text not null,
    base text not null,
    lock_seq integer not null references locks (seq),
    kind text not null,
    path text not null,
    primary key (space, base, lock_seq, kind, path)
  ) strict, without rowid;
  create index lock_resources_lock on lock_resources (lock_seq);

  -- One row. Neither number ever falls: not by release, expiry or crash, and not with the clock.
  create table lock_counters (
    id integer primary key check (id = 1),
    fence integer not null,
    seen integer not null
  ) strict;
  insert into lock_counters values (1, 0, 0);
`
