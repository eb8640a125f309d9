-- The discrepancies that the filters select; part of other questions.
FROM discrepancies
WHERE true
--> filtered
  AND list_contains($role::VARCHAR[], role::VARCHAR) --? role
  AND list_has_any(documents, $document::VARCHAR[]) --? document
  AND list_contains($kind::VARCHAR[], kind::VARCHAR) --? kind
  AND list_contains($severity::VARCHAR[], severity::VARCHAR) --? severity
  AND indicator IN (SELECT unnest($found::VARCHAR[])) --? q
