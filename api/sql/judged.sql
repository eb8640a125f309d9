-- The assessments that the filters select; part of other questions.
FROM assessments --? !as_of
FROM assessed($as_of::DATE) --? as_of
WHERE true
  AND region BETWEEN $region_first::VARCHAR AND $region_last::VARCHAR --? region
  AND list_contains($region::VARCHAR[], region) --? region
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
