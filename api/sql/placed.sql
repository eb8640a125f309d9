-- Of which regions and years; part of other questions.
  AND region BETWEEN $region_first::VARCHAR AND $region_last::VARCHAR --? region
  AND list_contains($region::VARCHAR[], region) --? region
  AND list_contains($year::SMALLINT[], year) --? year
  AND year >= $year_from::SMALLINT --? year_from
  AND year <= $year_to::SMALLINT --? year_to
