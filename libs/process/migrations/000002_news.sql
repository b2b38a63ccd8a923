-- News that bring a deadline forward: things that its owner waits for beside the time. Few deadlines have any.
alter table process.deadline add column wakes_on text[] not null default '{}';
create index deadline_wakes_on on process.deadline using gin (wakes_on) where wakes_on <> '{}';
