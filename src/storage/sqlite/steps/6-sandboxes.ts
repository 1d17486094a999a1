/** Sandboxes: one record each; what is searched by is generated from it. */
export const sql = `
  create table sandboxes (
    id text primary key,
    record text not null,
    short text generated always as (substr(id, -8)) virtual,
    state text not null generated always as (record ->> 'state') virtual,
    slug text not null generated always as (record ->> 'slug') virtual
  ) strict, without rowid;
  create index sandboxes_short on sandboxes (short);
  -- Two that are there have never one folder.
  create unique index sandboxes_open on sandboxes (slug) where state <> 'destroyed';
`
