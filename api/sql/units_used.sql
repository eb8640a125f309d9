-- The units that values are given in.
SELECT DISTINCT unit FROM observations WHERE unit IS NOT NULL ORDER BY unit
