-- Which observations answer a query: a page of them, and how many there are.
-- A sort is up to four fields, each a text or a number, each rising or falling; $sort has the fields as asked for.
WITH RECURSIVE
place (code) AS (
  SELECT unnest($region::VARCHAR[])
  UNION
  SELECT regions.code FROM regions JOIN place ON regions.parent = place.code WHERE $descendants::BOOLEAN
),
told AS ( -- preferred, decided among what documents published by then say
  SELECT ordinal
  FROM observations
  WHERE $as_of::DATE IS NOT NULL AND known_on <= $as_of::DATE
  QUALIFY row_number() OVER (
    PARTITION BY region, indicator, period, role, measure, base_period, scope
    ORDER BY status = 'estimated', known_on DESC, "table" IS NULL, quote_start, ordinal
  ) = 1
),
observed AS (
  SELECT
    observations.* REPLACE (
      CASE WHEN $as_of::DATE IS NULL THEN preferred ELSE ordinal IN (SELECT ordinal FROM told) END AS preferred
    )
  FROM observations
  WHERE ($as_of::DATE IS NULL OR known_on <= $as_of::DATE)
    AND ($observation::VARCHAR IS NULL OR id = $observation)
    AND ($region::VARCHAR[] IS NULL OR region IN (SELECT code FROM place))
    AND ($category::VARCHAR[] IS NULL OR list_contains($category::VARCHAR[], category))
    AND ($indicator::VARCHAR[] IS NULL OR list_contains($indicator::VARCHAR[], indicator))
    AND ($year::SMALLINT[] IS NULL OR list_contains($year::SMALLINT[], year))
    AND ($period::VARCHAR[] IS NULL OR list_contains($period::VARCHAR[], period))
    AND ($role::VARCHAR[] IS NULL OR list_contains($role::VARCHAR[], role::VARCHAR))
    AND ($measure::VARCHAR[] IS NULL OR list_contains($measure::VARCHAR[], measure::VARCHAR))
    AND ($status::VARCHAR[] IS NULL OR list_contains($status::VARCHAR[], status::VARCHAR))
    AND ($designation::VARCHAR[] IS NULL OR list_contains($designation::VARCHAR[], designation))
    AND ($document::VARCHAR[] IS NULL OR list_contains($document::VARCHAR[], document))
    AND ($year_from::SMALLINT IS NULL OR year >= $year_from)
    AND ($year_to::SMALLINT IS NULL OR year <= $year_to)
),
named AS (
  SELECT
    observed.*,
    regions.name AS region_name,
    regions.name_en AS region_name_en,
    indicators.name AS indicator_name,
    indicators.name_en AS indicator_name_en,
    list_transform($sort::VARCHAR[], lambda field: CASE ltrim(field, '-')
      WHEN 'id' THEN observed.id
      WHEN 'region' THEN observed.region
      WHEN 'indicator' THEN observed.indicator
      WHEN 'category' THEN observed.category
      WHEN 'period' THEN observed.period
      WHEN 'role' THEN observed.role::VARCHAR
      WHEN 'status' THEN observed.status::VARCHAR
      WHEN 'measure' THEN observed.measure::VARCHAR
      WHEN 'unit' THEN observed.unit
      WHEN 'document' THEN observed.document
    END) AS texts,
    list_transform($sort::VARCHAR[], lambda field: CASE field
      WHEN 'year' THEN observed.year
      WHEN '-year' THEN -observed.year
      WHEN 'value' THEN observed.value
      WHEN '-value' THEN -observed.value
    END) AS numbers
  FROM observed
  JOIN regions ON regions.code = observed.region
  JOIN indicators ON indicators.id = observed.indicator
  WHERE ($selection::VARCHAR = 'all' OR observed.preferred)
    AND ($q::VARCHAR IS NULL OR contains(lower(concat_ws(
      chr(10),
      indicators.name, indicators.name_en, array_to_string(indicators.aliases, chr(10)), observed.source_name
    )), lower($q::VARCHAR)))
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
  CASE WHEN NOT starts_with(($sort::VARCHAR[])[1], '-') THEN texts[1] END ASC NULLS LAST,
  CASE WHEN starts_with(($sort::VARCHAR[])[1], '-') THEN texts[1] END DESC NULLS LAST,
  numbers[1] ASC NULLS LAST,
  CASE WHEN NOT starts_with(($sort::VARCHAR[])[2], '-') THEN texts[2] END ASC NULLS LAST,
  CASE WHEN starts_with(($sort::VARCHAR[])[2], '-') THEN texts[2] END DESC NULLS LAST,
  numbers[2] ASC NULLS LAST,
  CASE WHEN NOT starts_with(($sort::VARCHAR[])[3], '-') THEN texts[3] END ASC NULLS LAST,
  CASE WHEN starts_with(($sort::VARCHAR[])[3], '-') THEN texts[3] END DESC NULLS LAST,
  numbers[3] ASC NULLS LAST,
  CASE WHEN NOT starts_with(($sort::VARCHAR[])[4], '-') THEN texts[4] END ASC NULLS LAST,
  CASE WHEN starts_with(($sort::VARCHAR[])[4], '-') THEN texts[4] END DESC NULLS LAST,
  numbers[4] ASC NULLS LAST,
  ordinal
LIMIT $limit::BIGINT OFFSET $offset::BIGINT
