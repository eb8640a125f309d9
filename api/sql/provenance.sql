-- What is said of one thing, in the order it came out: targets and actuals, and which rule read each.
SELECT ordinal, id, rule
FROM observations
WHERE region = $region::VARCHAR
  AND indicator = $indicator::VARCHAR
  AND period = $period::VARCHAR
  AND measure = $measure::VARCHAR::measure
  AND base_period IS NOT DISTINCT FROM $base_period::VARCHAR
  AND scope IS NOT DISTINCT FROM $scope::VARCHAR
ORDER BY known_on, role, ordinal
