-- What all lists of observations and of what is made of them are filtered by; part of other questions.
  AND region BETWEEN $region_first::VARCHAR AND $region_last::VARCHAR --? region
  AND list_contains($region::VARCHAR[], region) --? region
  AND list_contains($category::VARCHAR[], category) --? category
  AND list_contains($indicator::VARCHAR[], indicator) --? indicator
  AND list_contains($year::SMALLINT[], year) --? year
  AND list_contains($period::VARCHAR[], period) --? period
  AND list_contains($measure::VARCHAR[], measure::VARCHAR) --? measure
  AND year >= $year_from::SMALLINT --? year_from
  AND year <= $year_to::SMALLINT --? year_to
