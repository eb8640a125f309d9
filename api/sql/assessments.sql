-- Was the plan met, target by target: a page, and how many there are. Rows of observations are told by their numbers.
-- Which rows these are is found first, in a few columns; the rest is read for the page alone.
WITH RECURSIVE
--> place
judged AS ( --? !as_of
  SELECT * FROM assessments --? !as_of
judged AS MATERIALIZED ( --? as_of
  SELECT row_number() OVER (ORDER BY region, year, category, indicator, id) AS ordinal, * --? as_of
  FROM assessed($as_of::DATE) --? as_of
),
found AS (
  SELECT ordinal
  FROM judged
  WHERE true
    AND region IN (SELECT code FROM place) --? region descendants
    AND list_contains($region::VARCHAR[], region) --? region !descendants
    AND list_contains($category::VARCHAR[], category) --? category
    AND list_contains($indicator::VARCHAR[], indicator) --? indicator
    AND list_contains($year::SMALLINT[], year) --? year
    AND list_contains($period::VARCHAR[], period) --? period
    AND list_contains($measure::VARCHAR[], measure::VARCHAR) --? measure
    AND list_contains($designation::VARCHAR[], designation) --? designation
    AND list_contains($document::VARCHAR[], document) --? document
    AND list_contains($outcome::VARCHAR[], outcome::VARCHAR) --? outcome
    AND year >= $year_from::SMALLINT --? year_from
    AND year <= $year_to::SMALLINT --? year_to
    AND indicator IN (SELECT unnest($found::VARCHAR[])) --? q
),
picked AS (SELECT ordinal FROM found ORDER BY ordinal LIMIT $limit::BIGINT OFFSET $offset::BIGINT)
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
  (SELECT count(*) FROM found) AS total
FROM picked
JOIN judged ON judged.ordinal = picked.ordinal
JOIN regions ON regions.code = judged.region
JOIN indicators ON indicators.id = judged.indicator
ORDER BY judged.ordinal
