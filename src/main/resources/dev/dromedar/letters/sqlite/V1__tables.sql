-- What a worker on its own keeps. The same tables as a cluster's, and the same statements on them.
CREATE TABLE dromedar_format
(
  version INTEGER NOT NULL
);
INSERT INTO dromedar_format (version) VALUES (1);

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
  cause        BLOB         NOT NULL,
  content      BLOB         NOT NULL,
  PRIMARY KEY (cluster, id)
);
CREATE INDEX idx_dromedar_letter_state ON dromedar_letter (cluster, state, id);
CREATE INDEX idx_dromedar_letter_route ON dromedar_letter (cluster, route, id);
CREATE INDEX idx_dromedar_letter_failed ON dromedar_letter (cluster, failed);
CREATE INDEX idx_dromedar_letter_bytes ON dromedar_letter (cluster, bytes);

CREATE TABLE dromedar_feed
(
  cluster  VARCHAR(60)  NOT NULL,
  name     VARCHAR(120) NOT NULL,
  position BIGINT       NOT NULL,
  changed  TIMESTAMP    NOT NULL,
  PRIMARY KEY (cluster, name)
);
