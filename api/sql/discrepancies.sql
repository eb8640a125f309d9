-- What contradicts what: a page, and how many there are. Rows of observations are told by their numbers.
-- Which rows these are is found first, in a few columns; the rest is read for the page alone.
WITH RECURSIVE
--> place
found AS (
  SELECT ordinal
  FROM discrepancies
  WHERE true
    AND region IN (SELECT code FROM place) --? region descendants
    AND list_contains($region::VARCHAR[], region) --? region !descendants
    AND list_contains($category::VARCHAR[], category) --? category
    AND list_contains($indicator::VARCHAR[], indicator) --? indicator
    AND list_contains($year::SMALLINT[], year) --? year
    AND list_contains($period::VARCHAR[], period) --? period
    AND list_contains($role::VARCHAR[], role::VARCHAR) --? role
    AND list_contains($measure::VARCHAR[], measure::VARCHAR) --? measure
    AND list_has_any(documents, $document::VARCHAR[]) --? document
    AND list_contains($kind::VARCHAR[], kind::VARCHAR) --? kind
    AND list_contains($severity::VARCHAR[], severity::VARCHAR) --? severity
    AND year >= $year_from::SMALLINT --? year_from
    AND year <= $year_to::SMALLINT --? year_to
    AND indicator IN (SELECT unnest($found::VARCHAR[])) --? q
),
picked AS (SELECT ordinal FROM found ORDER BY ordinal LIMIT $limit::BIGINT OFFSET $offset::BIGINT)
SELECT
  told.id,
  told.region,
  regions.name AS region_name,
  regions.name_en AS region_name_en,
  told.indicator,
  indicators.name AS indicator_name,
  indicators.name_en AS indicator_name_en,
  told.category,
  told.year,
  told.period,
  told.role::VARCHAR AS role,
  told.measure::VARCHAR AS measure,
  told.scope,
  told.kind::VARCHAR AS kind,
  told.severity::VARCHAR AS severity,
  told.reason,
  told.observations,
  (SELECT count(*) FROM found) AS total
FROM picked
JOIN discrepancies AS told ON told.ordinal = picked.ordinal
JOIN regions ON regions.code = told.region
JOIN indicators ON indicators.id = told.indicator
ORDER BY told.ordinal
