-- Letters in columns: counted and listed by index, and sealed as a whole. Workers move what is in dromedar_dead_letter over,
-- and the table stays for workers of the older version that are still running.
-- Times are milliseconds since 1970. key_id says which key has sealed cause and content; they open only together with the
-- cluster, id, route, api, times and attempts that stand beside them.
CREATE TABLE dromedar_letter
(
  cluster      VARCHAR(60)  NOT NULL,
  id           VARCHAR(40)  NOT NULL,
  state        VARCHAR(12)  NOT NULL,
  node         VARCHAR(120),
  route        TEXT         NOT NULL,
  api          TEXT,
  first_failed BIGINT       NOT NULL,
  failed       BIGINT       NOT NULL,
  attempts     INTEGER      NOT NULL,
  bytes        BIGINT       NOT NULL,
  key_id       VARCHAR(8),
  cause        BYTEA        NOT NULL,
  content      BYTEA        NOT NULL,
  PRIMARY KEY (cluster, id)
);
CREATE INDEX idx_dromedar_letter_state ON dromedar_letter (cluster, state, id);
CREATE INDEX idx_dromedar_letter_route ON dromedar_letter (cluster, route, id);
CREATE INDEX idx_dromedar_letter_failed ON dromedar_letter (cluster, failed);
CREATE INDEX idx_dromedar_letter_bytes ON dromedar_letter (cluster, bytes);

UPDATE dromedar_format SET version = 2;
