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
  FROM assessment_summaries --? counted
  FROM summarised() --? !counted
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
  SELECT region, year
  FROM summed
  WHERE true
--> placed
    AND len(list_filter(categories, lambda one: list_contains($category::VARCHAR[], one.category))) > 0 --? category
  UNION SELECT region, year FROM claimed --? !category !designation !document
),
paged AS (
  SELECT region, year, (SELECT count(*) FROM told) AS total
  FROM told
  ORDER BY region, year
  LIMIT $limit::BIGINT OFFSET $offset::BIGINT
),
joined AS (
  SELECT
    paged.*,
    summed.categories, --? !category
    list_filter(summed.categories, lambda one: list_contains($category::VARCHAR[], one.category)) AS categories, --? category
    coalesce(claimed.claims, []) AS claims
  FROM paged
  LEFT JOIN summed ON summed.region = paged.region AND summed.year = paged.year
  LEFT JOIN claimed ON claimed.region = paged.region AND claimed.year = paged.year
)
SELECT
  region,
  regions.name AS region_name,
  regions.name_en AS region_name_en,
  year,
  coalesce(list_sum(list_transform(categories, lambda one: one.targets)), 0)::BIGINT AS targets,
  coalesce(list_sum(list_transform(categories, lambda one: one.met)), 0)::BIGINT AS met,
  coalesce(list_sum(list_transform(categories, lambda one: one.missed)), 0)::BIGINT AS missed,
  coalesce(list_sum(list_transform(categories, lambda one: one.open)), 0)::BIGINT AS open,
  coalesce(list_sum(list_transform(categories, lambda one: one.not_comparable)), 0)::BIGINT AS not_comparable,
  coalesce(categories, []) AS categories,
  claims,
  total
FROM joined
JOIN regions ON regions.code = joined.region
ORDER BY region, year
