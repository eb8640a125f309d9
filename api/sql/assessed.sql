-- How many targets were met, missed and open: by region and year, and of these by category.
WITH RECURSIVE
place (code) AS ( --? region descendants
  SELECT unnest($region::VARCHAR[]) --? region descendants
  UNION --? region descendants
  SELECT regions.code FROM regions JOIN place ON regions.parent = place.code --? region descendants
), --? region descendants
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
  FROM assessments --? !as_of
  FROM assessed($as_of::DATE) --? as_of
  WHERE true
    AND region IN (SELECT code FROM place) --? region descendants
    AND list_contains($region::VARCHAR[], region) --? region !descendants
    AND list_contains($category::VARCHAR[], category) --? category
    AND list_contains($year::SMALLINT[], year) --? year
    AND list_contains($designation::VARCHAR[], designation) --? designation
    AND list_contains($document::VARCHAR[], document) --? document
    AND year >= $year_from::SMALLINT --? year_from
    AND year <= $year_to::SMALLINT --? year_to
  GROUP BY region, year, category
)
SELECT
  counted.region,
  regions.name AS region_name,
  regions.name_en AS region_name_en,
  counted.year,
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
  ) AS categories,
  count(*) OVER () AS total
FROM counted JOIN regions ON regions.code = counted.region
GROUP BY ALL
ORDER BY counted.region, counted.year
LIMIT $limit::BIGINT OFFSET $offset::BIGINT
