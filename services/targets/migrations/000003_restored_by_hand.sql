-- Restores by hand change what is active too: the projection is read anew, with them.
delete from process.checkpoint where service = 'targets.active-versions';
truncate active_version;
