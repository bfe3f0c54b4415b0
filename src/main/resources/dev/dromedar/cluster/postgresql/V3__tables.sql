-- Fencing numbers: each rises with every new holder of a lease, claim of a letter and move of a feed's position, and a write names
-- the number that its writer knows. A node that was frozen and comes back knows an old one, so its late write changes no row.
ALTER TABLE dromedar_lease ADD COLUMN term BIGINT NOT NULL DEFAULT 0;
ALTER TABLE dromedar_letter ADD COLUMN claim BIGINT NOT NULL DEFAULT 0;
ALTER TABLE dromedar_feed ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;

UPDATE dromedar_format SET version = 3;
