-- By how many ms a node's clock is behind the database's. Workers of the older version go on: they count as right.
ALTER TABLE dromedar_node ADD COLUMN behind_ms BIGINT NOT NULL DEFAULT 0;

UPDATE dromedar_format SET version = 5;
