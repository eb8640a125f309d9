-- The names of one kind, those of what is used more before others, aliases last.
SELECT id, name, pinyin
FROM spellings
WHERE kind = $kind::VARCHAR
ORDER BY alias, used DESC, id, name
