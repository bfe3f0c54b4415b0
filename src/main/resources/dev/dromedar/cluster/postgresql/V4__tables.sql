-- Positions of feeds that are no numbers; position is 0 beside one. Workers of the older version go on: they have feeds of numbers only.
ALTER TABLE dromedar_feed ADD COLUMN position_text TEXT;

UPDATE dromedar_format SET version = 4;
