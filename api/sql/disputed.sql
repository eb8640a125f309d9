-- The discrepancies that the filters select; part of other questions.
FROM discrepancies
WHERE true
  AND region BETWEEN $region_first::VARCHAR AND $region_last::VARCHAR --? region
  AND list_contains($region::VARCHAR[], region) --? region
  AND list_contains($category::VARCHAR[], category) --? category
  AND list_contains($indicator::VARCHAR[], indicator) --? indicator
  AND list_contains($year::SMALLINT[], year) --? year
  AND list_contains($period::VARCHAR[], period) --? period
  AND list_contains($role::VARCHAR[], role::VARCHAR) --? role
  AND list_contains($measure::VARCHAR[], measure::VARCHAR) --? measure
  AND list_has_any(documents, $document::VARCHAR[]) --? document
  AND list_contains($kind::VARCHAR[], kind::VARCHAR) --? kind
  AND list_contains($severity::VARCHAR[], severity::VARCHAR) --? severity
  AND year >= $year_from::SMALLINT --? year_from
  AND year <= $year_to::SMALLINT --? year_to
  AND indicator IN (SELECT unnest($found::VARCHAR[])) --? q
