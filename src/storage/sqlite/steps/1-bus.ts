/** Work units, messages, deliveries, agencies and agents. */
export const sql = `
  -- Everything said, decided or done. \`seq\` is the one order of the workspace; a message and a delivery take
  -- theirs from the unit of their acceptance, so a clock that jumps cannot re-order them.
  create table units (
    seq integer primary key,
    id text not null unique,
    context text not null,
    context_seq integer not null,
    agent text not null,
    type text not null,
    at integer not null,
    subject text not null,
    metadata text not null,
    relations text not null,
    payload text -- null for a message's unit: its words are in messages.body
  ) strict;
  -- Both end in seq, the row's number, and so give a context or a subject in order.
  create index units_context on units (context);
  create index units_subject on units (subject);
  create trigger units_are_never_changed before update on units begin select raise(abort, 'work units are append-only'); end;
  create trigger units_are_never_deleted before delete on units begin select raise(abort, 'work units are append-only'); end;

  create table messages (
    seq integer primary key references units (seq),
    id text not null,
    short text generated always as (substr(id, -8)) virtual,
    from_address text not null,
    spoken_by text,
    sender text generated always as (coalesce(spoken_by, from_address)) virtual,
    to_address text not null,
    type text not null,
    label text,
    priority integer not null,
    at integer not null,
    expires_at integer,
    reply_to text,
    thread text, -- null when the message opens its thread
    idempotency_key text,
    ack_wanted integer not null,
    payload text,
    body text not null -- last, so that the rest is read without the pages of a long body
  ) strict;
  -- One tree serves the whole id and the short one.
  create unique index messages_id on messages (short, id);
  create unique index messages_key on messages (sender, idempotency_key) where idempotency_key is not null;
  create index messages_thread on messages (thread) where thread is not null;
  create index messages_reply on messages (reply_to) where reply_to is not null;

  create table deliveries (
    seq integer primary key references units (seq),
    id text not null,
    short text generated always as (substr(id, -8)) virtual,
    message_seq integer not null references messages (seq),
    to_address text not null,
    kind text not null,
    priority integer not null,
    state text not null,
    attempts integer not null,
    is_redelivery integer not null,
    ack_wanted integer not null,
    not_before integer not null,
    due_at integer, -- null exactly when the delivery has come to its end
    expires_at integer,
    since integer not null,
    instance integer,
    replaced_by integer, -- seq of the delivery that a person's requeue put in its place
    door text,
    reason text,
    check ((due_at is null) = (state in ('acked', 'expired', 'dead', 'cancelled') or (state = 'confirmed' and not ack_wanted)))
  ) strict;
  create unique index deliveries_id on deliveries (short, id);
  create index deliveries_message on deliveries (message_seq);
  create index deliveries_inbox on deliveries (to_address);
  -- The next three hold open or failed deliveries only, and so stay small however long the history.
  create index deliveries_open on deliveries (to_address, priority desc, seq) where due_at is not null;
  create index deliveries_due on deliveries (due_at) where due_at is not null;
  create index deliveries_failed on deliveries (since) where state in ('dead', 'expired', 'cancelled');

  create table agencies (name text primary key, record text not null) strict, without rowid;
  create table agents (address text primary key, record text not null) strict, without rowid;
  create table marks (name text primary key, value text not null) strict, without rowid;
`
