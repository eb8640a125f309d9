-- Which observations answer a query: a page of them, and how many there are.
-- A sort is up to four fields, each a text or a number, each rising or falling; $sort has the fields as asked for.
-- A line that ends in a mark stands only where the values that it names are given (with !: are not; see api/queries.py):
-- planning costs more than reading, so a plain query is kept short.
WITH RECURSIVE
place (code) AS ( --? region descendants
  SELECT unnest($region::VARCHAR[]) --? region descendants
  UNION --? region descendants
  SELECT regions.code FROM regions JOIN place ON regions.parent = place.code --? region descendants
), --? region descendants
observed AS (
  SELECT *
  FROM observations --? !as_of
  FROM known($as_of::DATE) --? as_of
  WHERE true
    AND id = $observation::VARCHAR --? observation
    AND ordinal BETWEEN $first::INTEGER AND $last::INTEGER AND list_contains($rows::INTEGER[], ordinal) --? rows
    AND region IN (SELECT code FROM place) --? region descendants
    AND list_contains($region::VARCHAR[], region) --? region !descendants
    AND list_contains($category::VARCHAR[], category) --? category
    AND list_contains($indicator::VARCHAR[], indicator) --? indicator
    AND list_contains($year::SMALLINT[], year) --? year
    AND list_contains($period::VARCHAR[], period) --? period
    AND list_contains($role::VARCHAR[], role::VARCHAR) --? role
    AND list_contains($measure::VARCHAR[], measure::VARCHAR) --? measure
    AND list_contains($status::VARCHAR[], status::VARCHAR) --? status
    AND list_contains($designation::VARCHAR[], designation) --? designation
    AND list_contains($document::VARCHAR[], document) --? document
    AND year >= $year_from::SMALLINT --? year_from
    AND year <= $year_to::SMALLINT --? year_to
),
named AS (
  SELECT
    list_transform($sort::VARCHAR[], lambda field: CASE ltrim(field, '-') --? sort
      WHEN 'id' THEN observed.id --? sort
      WHEN 'region' THEN observed.region --? sort
      WHEN 'indicator' THEN observed.indicator --? sort
      WHEN 'category' THEN observed.category --? sort
      WHEN 'period' THEN observed.period --? sort
      WHEN 'role' THEN observed.role::VARCHAR --? sort
      WHEN 'status' THEN observed.status::VARCHAR --? sort
      WHEN 'measure' THEN observed.measure::VARCHAR --? sort
      WHEN 'unit' THEN observed.unit --? sort
      WHEN 'document' THEN observed.document --? sort
    END) AS texts, --? sort
    list_transform($sort::VARCHAR[], lambda field: CASE field --? sort
      WHEN 'year' THEN observed.year --? sort
      WHEN '-year' THEN -observed.year --? sort
      WHEN 'value' THEN observed.value --? sort
      WHEN '-value' THEN -observed.value --? sort
    END) AS numbers, --? sort
    observed.*,
    regions.name AS region_name,
    regions.name_en AS region_name_en,
    indicators.name AS indicator_name,
    indicators.name_en AS indicator_name_en
  FROM observed
  JOIN regions ON regions.code = observed.region
  JOIN indicators ON indicators.id = observed.indicator
  WHERE ($selection::VARCHAR = 'all' OR observed.preferred)
    AND contains(lower(concat_ws( --? q
      chr(10), --? q
      indicators.name, indicators.name_en, array_to_string(indicators.aliases, chr(10)), observed.source_name --? q
    )), lower($q::VARCHAR)) --? q
)
SELECT
  id,
  region,
  region_name,
  region_name_en,
  indicator,
  indicator_name,
  indicator_name_en,
  category,
  year,
  period,
  role::VARCHAR AS role,
  status::VARCHAR AS status,
  measure::VARCHAR AS measure,
  base_period,
  comparator::VARCHAR AS comparator,
  value,
  value_high,
  unit,
  unit_multiplier,
  unit_label,
  stance::VARCHAR AS stance,
  scope,
  responsible,
  designation,
  preferred,
  quality,
  document,
  section,
  "table",
  "row",
  quote,
  quote_start,
  quote_end,
  source_name,
  source_category,
  count(*) OVER () AS total
FROM named
ORDER BY
  CASE WHEN NOT starts_with(($sort::VARCHAR[])[1], '-') THEN texts[1] END ASC NULLS LAST, --? sort
  CASE WHEN starts_with(($sort::VARCHAR[])[1], '-') THEN texts[1] END DESC NULLS LAST, --? sort
  numbers[1] ASC NULLS LAST, --? sort
  CASE WHEN NOT starts_with(($sort::VARCHAR[])[2], '-') THEN texts[2] END ASC NULLS LAST, --? sort
  CASE WHEN starts_with(($sort::VARCHAR[])[2], '-') THEN texts[2] END DESC NULLS LAST, --? sort
  numbers[2] ASC NULLS LAST, --? sort
  CASE WHEN NOT starts_with(($sort::VARCHAR[])[3], '-') THEN texts[3] END ASC NULLS LAST, --? sort
  CASE WHEN starts_with(($sort::VARCHAR[])[3], '-') THEN texts[3] END DESC NULLS LAST, --? sort
  numbers[3] ASC NULLS LAST, --? sort
  CASE WHEN NOT starts_with(($sort::VARCHAR[])[4], '-') THEN texts[4] END ASC NULLS LAST, --? sort
  CASE WHEN starts_with(($sort::VARCHAR[])[4], '-') THEN texts[4] END DESC NULLS LAST, --? sort
  numbers[4] ASC NULLS LAST, --? sort
  ordinal
LIMIT $limit::BIGINT OFFSET $offset::BIGINT
