-- What contradicts what: a page, and how many there are. Rows of observations are told by their numbers.
WITH RECURSIVE
place (code) AS ( --? region descendants
  SELECT unnest($region::VARCHAR[]) --? region descendants
  UNION --? region descendants
  SELECT regions.code FROM regions JOIN place ON regions.parent = place.code --? region descendants
), --? region descendants
told AS (SELECT * FROM discrepancies)
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
  count(*) OVER () AS total
FROM told
JOIN regions ON regions.code = told.region
JOIN indicators ON indicators.id = told.indicator
WHERE true
  AND told.region IN (SELECT code FROM place) --? region descendants
  AND list_contains($region::VARCHAR[], told.region) --? region !descendants
  AND list_contains($category::VARCHAR[], told.category) --? category
  AND list_contains($indicator::VARCHAR[], told.indicator) --? indicator
  AND list_contains($year::SMALLINT[], told.year) --? year
  AND list_contains($period::VARCHAR[], told.period) --? period
  AND list_contains($role::VARCHAR[], told.role::VARCHAR) --? role
  AND list_contains($measure::VARCHAR[], told.measure::VARCHAR) --? measure
  AND list_has_any(told.documents, $document::VARCHAR[]) --? document
  AND list_contains($kind::VARCHAR[], told.kind::VARCHAR) --? kind
  AND list_contains($severity::VARCHAR[], told.severity::VARCHAR) --? severity
  AND told.year >= $year_from::SMALLINT --? year_from
  AND told.year <= $year_to::SMALLINT --? year_to
  AND contains(lower(concat_ws( --? q
    chr(10), indicators.name, indicators.name_en, array_to_string(indicators.aliases, chr(10)) --? q
  )), lower($q::VARCHAR)) --? q
ORDER BY told.ordinal
LIMIT $limit::BIGINT OFFSET $offset::BIGINT
