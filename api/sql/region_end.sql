-- The last row number of the region that a row belongs to: rows lie by region.
SELECT max(ordinal) AS last
FROM observations
WHERE region = (SELECT region FROM observations WHERE ordinal = $ordinal::INTEGER)
