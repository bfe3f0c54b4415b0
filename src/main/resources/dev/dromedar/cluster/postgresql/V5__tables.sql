-- By how many ms a node's clock is behind the database's; null while the node does not work. Workers of the older version go on, with null.
-- All nodes write this table each second: behind a lock that waits for a dump they would wait too.
SET LOCAL lock_timeout = '2s';
ALTER TABLE dromedar_node ADD COLUMN behind_ms BIGINT;
SET LOCAL lock_timeout TO DEFAULT;

UPDATE dromedar_format SET version = 5;
