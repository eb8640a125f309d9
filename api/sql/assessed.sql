-- How many targets were met, missed and open: by region and year, and of these by category; what documents claim beside.
WITH
counted AS (
  SELECT
    region,
    year,
    category,
    count(*) AS targets,
    count(*) FILTER (outcome = 'met') AS met,
    count(*) FILTER (outcome = 'missed') AS missed,
    count(*) FILTER (outcome = 'open') AS open,
    count(*) FILTER (outcome = 'not_comparable') AS not_comparable
--> judged
  GROUP BY region, year, category
),
summed AS (
  SELECT
    region,
    year,
    sum(targets)::BIGINT AS targets,
    sum(met)::BIGINT AS met,
    sum(missed)::BIGINT AS missed,
    sum(open)::BIGINT AS open,
    sum(not_comparable)::BIGINT AS not_comparable,
    list(
      {
        'category': category, 'targets': targets, 'met': met, 'missed': missed, 'open': open,
        'not_comparable': not_comparable
      }
      ORDER BY category NULLS LAST
    ) AS categories
  FROM counted
  GROUP BY region, year
),
claimed AS (
  SELECT
    documents.region,
    claims.year,
    list(
      {
        'document': claims.document, 'targets': claims.targets, 'met': claims.met, 'missed': claims.missed,
        'unavailable': claims.unavailable, 'quote': claims.quote, 'quote_start': claims.quote_start,
        'quote_end': claims.quote_end
      }
      ORDER BY documents.known_on DESC, claims.document, claims.quote_start
    ) AS claims
  FROM claims JOIN documents ON documents.id = claims.document
  WHERE true
    AND documents.known_on <= $as_of::DATE --? as_of
    AND documents.region BETWEEN $region_first::VARCHAR AND $region_last::VARCHAR --? region
    AND list_contains($region::VARCHAR[], documents.region) --? region
    AND list_contains($year::SMALLINT[], claims.year) --? year
    AND claims.year >= $year_from::SMALLINT --? year_from
    AND claims.year <= $year_to::SMALLINT --? year_to
  GROUP BY documents.region, claims.year
),
told AS (
  SELECT region, year FROM summed
  UNION SELECT region, year FROM claimed --? !category !designation !document
)
SELECT
  told.region,
  regions.name AS region_name,
  regions.name_en AS region_name_en,
  told.year,
  coalesce(summed.targets, 0) AS targets,
  coalesce(summed.met, 0) AS met,
  coalesce(summed.missed, 0) AS missed,
  coalesce(summed.open, 0) AS open,
  coalesce(summed.not_comparable, 0) AS not_comparable,
  coalesce(summed.categories, []) AS categories,
  coalesce(claimed.claims, []) AS claims,
  count(*) OVER () AS total
FROM told
JOIN regions ON regions.code = told.region
LEFT JOIN summed ON summed.region = told.region AND summed.year = told.year
LEFT JOIN claimed ON claimed.region = told.region AND claimed.year = told.year
ORDER BY told.region, told.year
LIMIT $limit::BIGINT OFFSET $offset::BIGINT
