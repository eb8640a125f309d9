-- The row numbers behind a page of changes, in the order of the list.
SELECT former, now
FROM changes
WHERE place > $offset::BIGINT AND place <= $offset::BIGINT + $limit::BIGINT
ORDER BY place
