-- Some regions that have values to compare: all of them, where they are not too many.
SELECT DISTINCT region
FROM observations
WHERE list_contains($indicator::VARCHAR[], indicator)
  AND measure = $measure::VARCHAR::measure
  AND preferred --? !as_of
  AND known_on <= $as_of::DATE --? as_of
  AND region BETWEEN $region_first::VARCHAR AND $region_last::VARCHAR --? region
  AND list_contains($region::VARCHAR[], region) --? region
  AND list_contains($year::SMALLINT[], year) --? year
  AND year >= $year_from::SMALLINT --? year_from
  AND year <= $year_to::SMALLINT --? year_to
LIMIT $most_regions::INTEGER + 1
