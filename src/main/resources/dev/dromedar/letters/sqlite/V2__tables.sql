-- Fencing numbers, as in a cluster's database
ALTER TABLE dromedar_letter ADD COLUMN claim BIGINT NOT NULL DEFAULT 0;
ALTER TABLE dromedar_feed ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;

UPDATE dromedar_format SET version = 2;
