-- The assessments that the filters select; part of other questions.
FROM assessments --? !as_of
FROM assessed($as_of::DATE) --? as_of
WHERE true
--> filtered
  AND list_contains($designation::VARCHAR[], designation) --? designation
  AND list_contains($document::VARCHAR[], document) --? document
  AND list_contains($outcome::VARCHAR[], outcome::VARCHAR) --? outcome
  AND indicator IN (SELECT unnest($found::VARCHAR[])) --? q
