-- Which publish made the active version active; null: none did, it was restored by hand. A publish that is rolled back
-- before it made its version active changes nothing. The projection is read anew, with that.
alter table active_version add column activated_by text;
delete from process.checkpoint where service = 'targets.active-versions';
truncate active_version;
