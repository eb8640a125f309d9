-- The observations that the filters select; part of other questions.
observed AS (
  SELECT *
  FROM observations --? !as_of
  FROM known($as_of::DATE) --? as_of
  WHERE true
    AND id = $observation::VARCHAR --? observation
    AND ordinal BETWEEN $first::INTEGER AND $last::INTEGER --? windowed
    AND list_contains($rows::INTEGER[], ordinal) --? rows
--> filtered
    AND list_contains($role::VARCHAR[], role::VARCHAR) --? role
    AND list_contains($status::VARCHAR[], status::VARCHAR) --? status
    AND list_contains($designation::VARCHAR[], designation) --? designation
    AND list_contains($document::VARCHAR[], document) --? document
    AND ($selection::VARCHAR = 'all' OR preferred)
    AND (indicator IN (SELECT unnest($found::VARCHAR[])) --? q
      OR source_name IN (SELECT unnest($named::VARCHAR[]))) --? q named
      OR contains(lower(source_name), lower($q::VARCHAR))) --? q !named
)
