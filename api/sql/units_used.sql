-- The units that values are given in.
SELECT id AS unit FROM counts WHERE kind = 'unit' ORDER BY id
