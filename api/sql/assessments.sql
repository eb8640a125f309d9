-- Was the plan met, target by target: a page, and how many there are. Rows of observations are told by their numbers.
WITH RECURSIVE
place (code) AS ( --? region descendants
  SELECT unnest($region::VARCHAR[]) --? region descendants
  UNION --? region descendants
  SELECT regions.code FROM regions JOIN place ON regions.parent = place.code --? region descendants
), --? region descendants
judged AS (
  SELECT * FROM assessments --? !as_of
  SELECT * FROM assessed($as_of::DATE) --? as_of
)
SELECT
  judged.id,
  judged.region,
  regions.name AS region_name,
  regions.name_en AS region_name_en,
  judged.indicator,
  indicators.name AS indicator_name,
  indicators.name_en AS indicator_name_en,
  judged.category,
  judged.year,
  judged.period,
  judged.measure::VARCHAR AS measure,
  judged.scope,
  judged.outcome::VARCHAR AS outcome,
  judged.reason,
  judged.gap,
  judged.unit,
  judged.unit_multiplier,
  judged.unit_label,
  judged.target AS target_row,
  judged.actual AS actual_row,
  judged.derived_value,
  judged.derived_from,
  count(*) OVER () AS total
FROM judged
JOIN regions ON regions.code = judged.region
JOIN indicators ON indicators.id = judged.indicator
WHERE true
  AND judged.region IN (SELECT code FROM place) --? region descendants
  AND list_contains($region::VARCHAR[], judged.region) --? region !descendants
  AND list_contains($category::VARCHAR[], judged.category) --? category
  AND list_contains($indicator::VARCHAR[], judged.indicator) --? indicator
  AND list_contains($year::SMALLINT[], judged.year) --? year
  AND list_contains($period::VARCHAR[], judged.period) --? period
  AND list_contains($measure::VARCHAR[], judged.measure::VARCHAR) --? measure
  AND list_contains($designation::VARCHAR[], judged.designation) --? designation
  AND list_contains($document::VARCHAR[], judged.document) --? document
  AND list_contains($outcome::VARCHAR[], judged.outcome::VARCHAR) --? outcome
  AND judged.year >= $year_from::SMALLINT --? year_from
  AND judged.year <= $year_to::SMALLINT --? year_to
  AND contains(lower(concat_ws( --? q
    chr(10), indicators.name, indicators.name_en, array_to_string(indicators.aliases, chr(10)) --? q
  )), lower($q::VARCHAR)) --? q
ORDER BY judged.region, judged.year, judged.category, judged.indicator, judged.id
LIMIT $limit::BIGINT OFFSET $offset::BIGINT
