-- How many targets were met, missed and open: by region and year, and of these by category; what documents claim beside.
-- What is asked of all is counted already, and read only for the page.
WITH
observations AS (FROM main.observations WHERE list_contains($near::VARCHAR[], region)), --? near
assessments AS (
  SELECT *
--> judged
),
summed AS NOT MATERIALIZED ( --? counted
summed AS ( --? !counted
  SELECT
    region,
    year,
    categories --? !category
    list_filter(categories, lambda one: list_contains($category::VARCHAR[], one.category)) AS categories --? category
  FROM assessment_summaries --? counted
  FROM summarised() --? !counted
  WHERE true
--> placed
    AND list_has_any($category::VARCHAR[], list_transform(categories, lambda one: one.category)) --? category
),
claimed AS (
  SELECT
    region,
    year,
    list(
      {
        'document': document, 'targets': targets, 'met': met, 'missed': missed, 'unavailable': unavailable,
        'quote': quote, 'quote_start': quote_start, 'quote_end': quote_end
      }
      ORDER BY known_on DESC, document, quote_start
    ) AS claims
  FROM (
    SELECT claims.*, documents.region, documents.known_on
    FROM claims JOIN documents ON documents.id = claims.document
  ) AS stated
  WHERE true
--> placed
    AND known_on <= $as_of::DATE --? as_of
  GROUP BY region, year
),
told AS (
  SELECT region, year FROM summed
  UNION SELECT region, year FROM claimed --? !category !designation !document
),
paged AS (
  SELECT region, year, (SELECT count(*) FROM told) AS total
  FROM told
  ORDER BY region, year
  LIMIT $limit::BIGINT OFFSET $offset::BIGINT
)
SELECT
  paged.region,
  regions.name AS region_name,
  regions.name_en AS region_name_en,
  paged.year,
  coalesce(list_sum(list_transform(summed.categories, lambda one: one.targets)), 0)::BIGINT AS targets,
  coalesce(list_sum(list_transform(summed.categories, lambda one: one.met)), 0)::BIGINT AS met,
  coalesce(list_sum(list_transform(summed.categories, lambda one: one.missed)), 0)::BIGINT AS missed,
  coalesce(list_sum(list_transform(summed.categories, lambda one: one.open)), 0)::BIGINT AS open,
  coalesce(list_sum(list_transform(summed.categories, lambda one: one.not_comparable)), 0)::BIGINT AS not_comparable,
  coalesce(summed.categories, []) AS categories,
  coalesce(claimed.claims, []) AS claims,
  paged.total
FROM paged
JOIN regions ON regions.code = paged.region
LEFT JOIN summed ON summed.region = paged.region AND summed.year = paged.year
LEFT JOIN claimed ON claimed.region = paged.region AND claimed.year = paged.year
ORDER BY paged.region, paged.year
