-- Positions that are no numbers; position is 0 beside one
ALTER TABLE dromedar_feed ADD COLUMN position_text TEXT;

UPDATE dromedar_format SET version = 3;
