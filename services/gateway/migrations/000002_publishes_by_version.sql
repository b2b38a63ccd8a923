-- One version of all projects, and one version of one project: the first index served only the second without sorting.
DROP INDEX publish_by_version;
CREATE INDEX publish_by_version ON publish (version, seq);
CREATE INDEX publish_by_project_and_version ON publish (project, version, seq);
