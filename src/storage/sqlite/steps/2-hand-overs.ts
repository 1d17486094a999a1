/** What a hand-over is known by, and what may happen while a recipient works. */
export const sql = `
  -- Hand-overs by the deliveries that this one replaces: each hand-over of a message has a number of its own.
  alter table deliveries add column earlier_attempts integer not null default 0;
  -- What may happen while the recipient works: null waits for the end of its turn.
  alter table messages add column while_busy text;
`
