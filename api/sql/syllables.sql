-- The characters of each syllable.
SELECT syllable, characters FROM syllables
